/** The steps of ingest on one webhook: verify, unpack, validate. Parsing is in `verification/webhook.ts`. */

import { type ComplianceDefinition, findCompliance } from '../definitions/define-compliance.ts';
import type { EventDefinition } from '../definitions/define-event.ts';
import type { Credentials, SourceDefinition, UnpackedItem } from '../definitions/define-source.ts';
import { checkSchema, type Issue } from '../delivery/check-schema.ts';
import { type Delivery, newDeliveryId } from '../delivery/delivery.ts';
import type { ParsedWebhook, UnverifiedWebhook, VerifiedWebhook } from '../verification/webhook.ts';
import { type ChosenEvents, findEvent } from './choose-events.ts';
import { matchesRule, type UnlessRule } from './unless-rules.ts';

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
  /** Number of items that become no delivery. */
  readonly ignored: number;
  /** The same number by reason, without the reasons that do not occur. */
  readonly ignoredBy: IgnoredBy;
  /** All items, including the ignored ones. */
  readonly items: readonly UnpackedItem[];
}

/**
 * Why an item becomes no delivery: its topic is disabled or unknown, its actor is ignored, or its body has a
 * value of an `unless` rule.
 */
type IgnoreReason = 'topic' | 'actor' | 'unless';

export type IgnoredBy = Readonly<Partial<Record<IgnoreReason, number>>>;

/** The parts of a connection that determine which items of its webhooks become deliveries. */
export interface ConnectionIntake {
  readonly id: string;
  readonly settings: unknown;
  readonly events: ChosenEvents;
  readonly unless?: readonly UnlessRule[];
}

/**
 * Unpacks a webhook into deliveries: one per compliance request and one per item of an enabled topic, except
 * those that the connection ignores. Each item of a batch is decided for itself.
 */
export function unpackWebhook(
  source: SourceDefinition,
  connection: ConnectionIntake,
  parsed: ParsedWebhook,
): UnpackedWebhook {
  const items = source.unpack(parsed, connection.settings);
  const headers = keepHeaders(source, parsed);
  const deliveries: UnpackedDelivery[] = [];
  const requests: UnpackedComplianceRequest[] = [];
  let ignoredBy = NONE_IGNORED;
  for (const item of items) {
    const unpack = () => ({
      input: item.input,
      delivery: toDelivery(source, connection.id, parsed, item, headers),
    });
    const compliance = findCompliance(source, item.topic);
    const event = compliance ? undefined : findEvent(connection.events, item.topic);
    if (compliance) {
      requests.push({ ...unpack(), compliance });
      continue;
    }
    const reason = event ? ignoreReason(source, connection, item) : 'topic';
    if (reason) ignoredBy = { ...ignoredBy, [reason]: (ignoredBy[reason] ?? 0) + 1 };
    else if (event) deliveries.push({ ...unpack(), event });
  }
  const ignored = items.length - deliveries.length - requests.length;
  return { deliveries, compliance: requests, ignored, ignoredBy, items };
}

/** Shared, because most webhooks have no ignored item. */
const NONE_IGNORED: IgnoredBy = {};

function ignoreReason(
  source: SourceDefinition,
  { settings, unless }: ConnectionIntake,
  { input }: UnpackedItem,
): IgnoreReason | undefined {
  if (source.ignoresActor?.(input, settings)) return 'actor';
  return unless?.some((rule) => matchesRule(rule, input)) ? 'unless' : undefined;
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
