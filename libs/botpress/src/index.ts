export type { BotTarget } from './bot-target.ts';
export { checkTarget } from './check-target.ts';
export { EventSender, type EventSenderOptions } from './event-sender.ts';
export { readRetryAfter } from './retry-after.ts';
export type { Refusal, SendResult } from './send-result.ts';
export type { Definitions, TargetCheck } from './target-check.ts';
