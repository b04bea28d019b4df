import { createHash } from 'node:crypto';
import type { Configuration } from './read-configuration.ts';
import {
  type Delivery,
  type DeliveryId,
  mapDelivery,
  parseWebhook,
  readComplianceRequest,
  type SourceDefinition,
  type UnpackedComplianceRequest,
  type UnpackedDelivery,
  type UnverifiedWebhook,
  unpackWebhook,
  validateDelivery,
  verifyWebhook,
} from './sluice-events.ts';

export interface ReadyEvent {
  readonly delivery: Delivery;
  readonly type: string;
  readonly payload: Record<string, unknown>;
}

/** A verified delivery that cannot be mapped to an event. The reason quotes nothing of it. */
export interface InvalidDelivery {
  readonly delivery: Delivery;
  readonly reason: string;
}

/** A compliance request. Nothing is stored here, so there is nothing to erase. */
export interface ComplianceRequest {
  readonly delivery: Delivery;
  readonly account: string;
}

export type ReceivedWebhook =
  | { readonly kind: 'unauthenticated'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly detail: string }
  | {
      readonly kind: 'received';
      readonly events: readonly ReadyEvent[];
      readonly invalid: readonly InvalidDelivery[];
      readonly compliance: readonly ComplianceRequest[];
      readonly ignored: number;
    };

/**
 * Turns a webhook into events that match their schemas: verify, parse, unpack, validate, map.
 *
 * @param id the webhook id of the installed integration; takes the place of a connection id
 */
export function receiveWebhook(
  source: SourceDefinition,
  { secrets, settings, events }: Configuration,
  id: string,
  webhook: UnverifiedWebhook,
): ReceivedWebhook {
  const verification = verifyWebhook(source, webhook, { secrets, settings });
  if (!verification.ok) return { kind: 'unauthenticated', reason: verification.why };

  const parsing = parseWebhook(verification.webhook);
  if (!parsing.ok) return { kind: 'malformed', detail: parsing.detail };

  const unpacked = unpackWebhook(source, { id, settings, events }, parsing.parsed);
  const mapped = unpacked.deliveries.map(withStableId).map((delivery) => toEvent(delivery, settings));
  const requests = unpacked.compliance.map(withStableId).map(toComplianceRequest);
  const all = [...mapped, ...requests];
  return {
    kind: 'received',
    events: all.flatMap((one) => ('payload' in one ? [one] : [])),
    invalid: all.flatMap((one) => ('reason' in one ? [one] : [])),
    compliance: all.flatMap((one) => ('account' in one ? [one] : [])),
    ignored: unpacked.ignored,
  };
}

function withStableId<T extends UnpackedDelivery | UnpackedComplianceRequest>(unpacked: T): T {
  return { ...unpacked, delivery: { ...unpacked.delivery, id: deliveryIdOf(unpacked.delivery) } };
}

/**
 * Derives the id of a delivery from its identity, so that a resend gets the same id. There is no queue here that
 * deduplicates; a bot can recognize a duplicate by its `deliveryId`.
 */
function deliveryIdOf({ connection, topic, idempotencyKey }: Delivery): DeliveryId {
  const hash = createHash('sha256').update(JSON.stringify([connection, topic, idempotencyKey]));
  return `dlv_${hash.digest('hex').slice(0, 32)}`;
}

function toEvent(unpacked: UnpackedDelivery, settings: unknown): ReadyEvent | InvalidDelivery {
  const { delivery, event } = unpacked;
  const issues = validateDelivery(unpacked);
  if (issues.length > 0)
    return { delivery, reason: `does not match ${event.name}: ${describeIssues(issues)}` };
  const mapping = mapDelivery(event, delivery, settings);
  if (!mapping.ok) return { delivery, reason: `${mapping.message}: ${describeIssues(mapping.issues)}` };
  return { delivery, ...mapping.event };
}

function toComplianceRequest({
  delivery,
  compliance,
}: UnpackedComplianceRequest): ComplianceRequest | InvalidDelivery {
  const result = readComplianceRequest(compliance, delivery);
  if (!result.ok) return { delivery, reason: `${result.message}: ${describeIssues(result.issues)}` };
  return { delivery, account: result.account };
}

function describeIssues(issues: readonly { readonly path: string; readonly message: string }[]): string {
  return issues.map(({ path, message }) => (path ? `${path} ${message}` : message)).join('; ');
}
