export { type ApiCaller, type ApiFacts, callerOf, parseFacts } from './api-facts.ts';
export type { AcquireCall, BotTarget, CallOptions } from './bot-client.ts';
export { checkTarget, type DefinitionsCheck, type TargetCheck } from './check-target.ts';
export { EventLookup } from './event-lookup.ts';
export { EventSender, type SendOptions } from './event-sender.ts';
export { builtInIntegrations } from './integration/built-in-integrations.ts';
export { EVENTS_ONLY_USAGE, integrationFiles, MAX_EVENTS } from './integration/integration-files.ts';
export { type ProbeOptions, type ProbeResult, probeApi } from './probe-api.ts';
export type { EventQuery, FailedCall, LookupResult, RateLimit, Refusal, SendResult } from './results.ts';
