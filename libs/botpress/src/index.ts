export type { BotTarget } from './bot-target.ts';
export { EventSender, type EventSenderOptions } from './event-sender.ts';
export { readRetryAfter } from './retry-after.ts';
export type { Refusal, SendResult } from './send-result.ts';
