export type { AcquireCall, BotTarget, CallOptions } from './bot-client.ts';
export { checkTarget, type DefinitionsCheck, type TargetCheck } from './check-target.ts';
export { EventLookup } from './event-lookup.ts';
export { EventSender, type SendOptions } from './event-sender.ts';
export { builtInIntegrations } from './integration/built-in-integrations.ts';
export { EVENTS_ONLY_USAGE, integrationFiles, MAX_EVENTS } from './integration/integration-files.ts';
export type { EventQuery, LookupResult, RateLimit, Refusal, SendResult } from './results.ts';
