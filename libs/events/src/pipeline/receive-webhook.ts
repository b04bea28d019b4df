/** The steps of ingest on one webhook: verify, unpack, validate. Parsing is in `verification/webhook.ts`. */

import { type ComplianceDefinition, findCompliance } from '../definitions/define-compliance.ts';
import type { EventDefinition } from '../definitions/define-event.ts';
import type { Credentials, SourceDefinition, UnpackedItem } from '../definitions/define-source.ts';
import { checkSchema, type Issue } from '../delivery/check-schema.ts';
import { type Delivery, newDeliveryId } from '../delivery/delivery.ts';
import type { ParsedWebhook, UnverifiedWebhook, VerifiedWebhook } from '../verification/webhook.ts';
import { type ChosenEvents, findEvent } from './choose-events.ts';

export type VerificationResult =
  | { readonly ok: true; readonly webhook: VerifiedWebhook }
  | { readonly ok: false; readonly why: string };

/** Verifies a webhook by the scheme of its source. The only function that returns a `VerifiedWebhook`. */
export function verifyWebhook<Settings>(
  source: SourceDefinition<Settings>,
  webhook: UnverifiedWebhook,
  credentials: Credentials<Settings>,
): VerificationResult {
  const verdict = source.verify(webhook, credentials);
  return verdict.ok ? { ok: true, webhook: webhook as VerifiedWebhook } : verdict;
}

/** A delivery of an enabled topic, with its parsed input and its event. */
export interface UnpackedDelivery {
  readonly delivery: Delivery;
  readonly input: unknown;
  readonly event: EventDefinition;
}

/** A delivery of a compliance topic, with its parsed input. It becomes no event. */
export interface UnpackedComplianceRequest {
  readonly delivery: Delivery;
  readonly input: unknown;
  readonly compliance: ComplianceDefinition;
}

export interface UnpackedWebhook {
  readonly deliveries: readonly UnpackedDelivery[];
  readonly compliance: readonly UnpackedComplianceRequest[];
  /** Number of items of disabled or unknown topics. */
  readonly ignored: number;
}

/** Unpacks a webhook into deliveries: one per item of an enabled topic and one per compliance request. */
export function unpackWebhook(
  source: SourceDefinition,
  connection: { readonly id: string; readonly settings: unknown; readonly events: ChosenEvents },
  parsed: ParsedWebhook,
): UnpackedWebhook {
  const items = source.unpack(parsed, connection.settings);
  const headers = keepHeaders(source, parsed);
  const deliveries: UnpackedDelivery[] = [];
  const requests: UnpackedComplianceRequest[] = [];
  for (const item of items) {
    const unpack = () => ({
      input: item.input,
      delivery: toDelivery(source, connection.id, parsed, item, headers),
    });
    const compliance = findCompliance(source, item.topic);
    const event = compliance ? undefined : findEvent(connection.events, item.topic);
    if (compliance) requests.push({ ...unpack(), compliance });
    else if (event) deliveries.push({ ...unpack(), event });
  }
  const ignored = items.length - deliveries.length - requests.length;
  return { deliveries, compliance: requests, ignored };
}

/**
 * Validates a delivery's input against the schema of its event or compliance topic. Returns no issues if
 * valid.
 */
export function validateDelivery(unpacked: UnpackedDelivery | UnpackedComplianceRequest): readonly Issue[] {
  const definition = 'event' in unpacked ? unpacked.event : unpacked.compliance;
  const checked = checkSchema(definition.input, unpacked.input);
  return checked.ok ? [] : checked.issues;
}

function toDelivery(
  source: SourceDefinition,
  connection: string,
  { webhook }: ParsedWebhook,
  item: UnpackedItem,
  headers: Record<string, string>,
): Delivery {
  return {
    id: newDeliveryId(webhook.receivedAt),
    connection,
    source: source.name,
    topic: item.topic,
    idempotencyKey: item.idempotencyKey,
    receivedAt: webhook.receivedAt,
    ...(item.occurredAt === undefined ? {} : { occurredAt: item.occurredAt }),
    body: item.body,
    headers,
  };
}

function keepHeaders(source: SourceDefinition, { webhook }: ParsedWebhook): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of source.keepHeaders) {
    const value = webhook.headers[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
