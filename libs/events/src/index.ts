export {
  type ComplianceDefinition,
  type ComplianceRequest,
  defineCompliance,
  type ErasurePredicate,
  findCompliance,
  readComplianceRequest,
} from './definitions/define-compliance.ts';
export {
  defineEvent,
  EVENT_NAME_PATTERN,
  type EventDefinition,
  type MapContext,
  withoutNulls,
} from './definitions/define-event.ts';
export {
  LINKED_RECORDS,
  type LinkedRecord,
  type LinkTags,
  type RecordTags,
  type SourceLink,
  type TagDescription,
} from './definitions/define-link.ts';
export {
  type Credentials,
  DEFAULT_ANSWER_WITHIN,
  DEFAULT_MAX_BODY_BYTES,
  defineSource,
  type HandshakeResult,
  type SourceDefinition,
  type UnpackedItem,
  type Verdict,
} from './definitions/define-source.ts';
export { receivedEvent } from './definitions/received-event.ts';
export type { SampleRequest, SourceSamples } from './definitions/samples.ts';
export type { Issue } from './delivery/check-schema.ts';
export { type Delivery, type DeliveryId, newDeliveryId, uuidV7 } from './delivery/delivery.ts';
export { sliceElements, sliceJson } from './delivery/json-slice.ts';
export { MASK, maskBody, maskPersonalData, maskText } from './delivery/mask-personal-data.ts';
export {
  iterateLeaves,
  type JsonLeaf,
  type Lookups,
  matchesTerm,
  type SearchTerm,
} from './delivery/search-terms.ts';
export {
  type ChooseEventsResult,
  type ChosenEvents,
  chooseEvents,
  findEvent,
  type TopicSwitches,
} from './pipeline/choose-events.ts';
export {
  FORWARD_HEADER,
  type ForwardedRequest,
  restoreForward,
  toForward,
} from './pipeline/forward-webhook.ts';
export {
  type BotpressEvent,
  type FullBodySetting,
  fullBodySetting,
  leaveOutFullBody,
} from './pipeline/full-body.ts';
export {
  type EventLink,
  findEventLink,
  findUnusedTags,
  hasRecords,
  type LinkRule,
  linkFields,
  usesLinkDefaults,
} from './pipeline/link-rules.ts';
export {
  type ConnectionMapping,
  type MappingResult,
  mapDelivery,
  type PrepareResult,
  prepareEvent,
} from './pipeline/prepare-event.ts';
export {
  type ConnectionIntake,
  type IgnoredBy,
  type UnpackedComplianceRequest,
  type UnpackedDelivery,
  type UnpackedWebhook,
  unpackWebhook,
  type VerificationResult,
  validateDelivery,
  verifyWebhook,
} from './pipeline/receive-webhook.ts';
export { neverMatches, type UnlessRule, unlessRule } from './pipeline/unless-rules.ts';
export { createSourceRegistry, type SourceRegistry } from './registry.ts';
export { type HmacScheme, verifyHmac } from './verification/constant-time.ts';
export {
  type ParsedWebhook,
  type ParseResult,
  parseWebhook,
  type UnverifiedWebhook,
  type VerifiedWebhook,
} from './verification/webhook.ts';
