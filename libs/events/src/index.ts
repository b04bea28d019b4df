export {
  type Choice,
  type ChosenEvents,
  chooseEvents,
  findEvent,
  type TopicSwitches,
} from './choose-events.ts';
export { type ComplianceDefinition, type Concerns, defineCompliance } from './define-compliance.ts';
export { defineEvent, type EventDefinition, type MapContext } from './define-event.ts';
export {
  type Credentials,
  DEFAULT_ANSWER_WITHIN,
  DEFAULT_MAX_BODY_BYTES,
  defineSource,
  type HandshakeAnswer,
  type ParsedWebhook,
  type SourceDefinition,
  type UnpackedItem,
  type Verdict,
} from './define-source.ts';
export { type Delivery, type DeliveryId, newDeliveryId } from './delivery.ts';
export { EVENT_NAME } from './event-name.ts';
export type { Issue } from './issues.ts';
export { sliceElements, sliceJson } from './json-slice.ts';
export { type Leaf, leavesOf } from './leaves-of.ts';
export { type BotpressEvent, type Mapping, mapDelivery } from './map-delivery.ts';
export { maskBody } from './mask-body.ts';
export { MASK, maskPersonal, maskText } from './mask-personal.ts';
export { type Lookups, matchesTerm, type Term } from './matches-term.ts';
export { type Parsing, parseWebhook } from './parse-webhook.ts';
export { type Becoming, type Preparation, prepareEvent } from './prepare-event.ts';
export { type ComplianceReading, findCompliance, readCompliance } from './read-compliance.ts';
export { createSourceRegistry, type SourceRegistry } from './registry.ts';
export type { SampleRequest, SourceSamples } from './samples.ts';
export {
  type Unpacked,
  type UnpackedCompliance,
  type UnpackedDelivery,
  unpackWebhook,
} from './unpack-webhook.ts';
export { uuidV7 } from './uuid-v7.ts';
export { validateDelivery } from './validate-delivery.ts';
export { type HmacScheme, verifyHmac } from './verify-hmac.ts';
export { type Verification, verifyWebhook } from './verify-webhook.ts';
export type { UnverifiedWebhook, VerifiedWebhook } from './webhook.ts';
export { withoutNulls } from './without-nulls.ts';
