export { type ApiCaller, type ApiFacts, callerOf, parseFacts } from './api-facts.ts';
export { type AcquireCall, type BotTarget, type CallOptions, callerKey } from './bot-client.ts';
export { checkTarget, type DefinitionsCheck, type TargetCheck } from './check-target.ts';
export {
  EventLinker,
  LINK_FAILURES,
  type LinkFailure,
  type LinkProblem,
  type LinkResult,
  type LinkTarget,
} from './event-linker.ts';
export { EventLookup } from './event-lookup.ts';
export { EventSender, type SendOptions } from './event-sender.ts';
export { type EventStatus, EventStatuses, type FailedRead } from './event-statuses.ts';
export { builtInIntegrations } from './integration/built-in-integrations.ts';
export {
  CUSTOMER_LINK,
  EVENTS_ONLY_USAGE,
  integrationFiles,
  type LinkDeclaration,
  MAX_EVENTS,
} from './integration/integration-files.ts';
export { type ProbeOptions, type ProbeResult, probeApi } from './probe-api.ts';
export type {
  EventIds,
  EventQuery,
  FailedCall,
  LookupResult,
  RateLimit,
  Refusal,
  SendResult,
} from './results.ts';
export { type ForwardReceiver, type ForwardResult, WebhookForwarder } from './webhook-forwarder.ts';
