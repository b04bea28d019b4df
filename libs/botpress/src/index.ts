export type { BotTarget } from './bot-client.ts';
export type { Definitions, TargetCheck } from './check-target.ts';
export { checkTarget } from './check-target.ts';
export { EventLookup } from './event-lookup.ts';
export { EventSender, type EventSenderOptions, type SendOptions } from './event-sender.ts';
export { readRetryAfter } from './headers.ts';
export type { EventQuery, LookupResult, RateLimit, Refusal, SendResult } from './results.ts';
