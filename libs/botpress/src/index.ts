export type { BotTarget } from './bot-target.ts';
export { checkTarget } from './check-target.ts';
export { EventFinder } from './event-finder.ts';
export { EventSender, type EventSenderOptions, type SendOptions } from './event-sender.ts';
export type { FindResult, Sought } from './find-result.ts';
export { readRetryAfter } from './retry-after.ts';
export type { Refusal, SendResult, ToldLimit } from './send-result.ts';
export type { Definitions, TargetCheck } from './target-check.ts';
