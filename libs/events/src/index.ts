export {
  type ChooseEventsResult,
  type ChosenEvents,
  chooseEvents,
  findEvent,
  type TopicSwitches,
} from './choose-events.ts';
export { type ComplianceDefinition, defineCompliance, type ErasurePredicate } from './define-compliance.ts';
export { defineEvent, type EventDefinition, type MapContext } from './define-event.ts';
export {
  type Credentials,
  DEFAULT_ANSWER_WITHIN,
  DEFAULT_MAX_BODY_BYTES,
  defineSource,
  type HandshakeResult,
  type ParsedWebhook,
  type SourceDefinition,
  type UnpackedItem,
  type Verdict,
} from './define-source.ts';
export { type Delivery, type DeliveryId, newDeliveryId } from './delivery.ts';
export { EVENT_NAME_PATTERN } from './event-name.ts';
export type { Issue } from './issues.ts';
export { sliceElements, sliceJson } from './json-slice.ts';
export { iterateLeaves, type JsonLeaf } from './leaves-of.ts';
export { type BotpressEvent, type MappingResult, mapDelivery } from './map-delivery.ts';
export { maskBody } from './mask-body.ts';
export { MASK, maskPersonalData, maskText } from './mask-personal.ts';
export { type Lookups, matchesTerm, type SearchTerm } from './matches-term.ts';
export { type ParseResult, parseWebhook } from './parse-webhook.ts';
export { type ConnectionMapping, type PrepareResult, prepareEvent } from './prepare-event.ts';
export { type ComplianceRequest, findCompliance, readComplianceRequest } from './read-compliance.ts';
export { createSourceRegistry, type SourceRegistry } from './registry.ts';
export type { SampleRequest, SourceSamples } from './samples.ts';
export {
  type UnpackedComplianceRequest,
  type UnpackedDelivery,
  type UnpackedWebhook,
  unpackWebhook,
} from './unpack-webhook.ts';
export { uuidV7 } from './uuid-v7.ts';
export { validateDelivery } from './validate-delivery.ts';
export { type HmacScheme, verifyHmac } from './verify-hmac.ts';
export { type VerificationResult, verifyWebhook } from './verify-webhook.ts';
export type { UnverifiedWebhook, VerifiedWebhook } from './webhook.ts';
export { withoutNulls } from './without-nulls.ts';
