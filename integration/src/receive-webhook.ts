import { deliveryIdOf } from './delivery-id.ts';
import type { Configured } from './read-configuration.ts';
import {
  type Delivery,
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

/** Authentic, but no event can be made of it. `why` quotes nothing of it. */
export interface Unfit {
  readonly delivery: Delivery;
  readonly why: string;
}

/** A request that the law has the platform pass on; nothing is stored here, so nothing is to be erased. */
export interface Noted {
  readonly delivery: Delivery;
  readonly account: string;
}

export type Received =
  | { readonly kind: 'unauthenticated'; readonly why: string }
  | { readonly kind: 'malformed'; readonly detail: string }
  | {
      readonly kind: 'received';
      readonly events: readonly ReadyEvent[];
      readonly unfit: readonly Unfit[];
      readonly noted: readonly Noted[];
      readonly ignored: number;
    };

/** Takes a webhook from raw text to events that fit their schemas: verify, parse, unpack, validate, map. */
export function receiveWebhook(
  source: SourceDefinition,
  { secrets, settings, events }: Configured,
  id: string,
  webhook: UnverifiedWebhook,
): Received {
  const verification = verifyWebhook(source, webhook, { secrets, settings });
  if (!verification.ok) return { kind: 'unauthenticated', why: verification.why };

  const parsing = parseWebhook(verification.webhook);
  if (!parsing.ok) return { kind: 'malformed', detail: parsing.detail };

  const unpacked = unpackWebhook(source, { id, settings, events }, parsing.parsed);
  const made = unpacked.deliveries.map(withOwnId).map((delivery) => makeEvent(delivery, settings));
  const read = unpacked.compliance.map(withOwnId).map(readDuty);
  const all = [...made, ...read];
  return {
    kind: 'received',
    events: all.flatMap((one) => ('payload' in one ? [one] : [])),
    unfit: all.flatMap((one) => ('why' in one ? [one] : [])),
    noted: all.flatMap((one) => ('account' in one ? [one] : [])),
    ignored: unpacked.ignored,
  };
}

function withOwnId<T extends UnpackedDelivery | UnpackedComplianceRequest>(unpacked: T): T {
  return { ...unpacked, delivery: { ...unpacked.delivery, id: deliveryIdOf(unpacked.delivery) } };
}

function makeEvent(unpacked: UnpackedDelivery, settings: unknown): ReadyEvent | Unfit {
  const { delivery, event } = unpacked;
  const issues = validateDelivery(unpacked);
  if (issues.length > 0) return { delivery, why: `does not fit ${event.name}: ${tell(issues)}` };
  const mapping = mapDelivery(event, delivery, settings);
  if (!mapping.ok) return { delivery, why: `${mapping.message}: ${tell(mapping.issues)}` };
  return { delivery, ...mapping.event };
}

function readDuty({ delivery, compliance }: UnpackedComplianceRequest): Noted | Unfit {
  const reading = readComplianceRequest(compliance, delivery);
  if (!reading.ok) return { delivery, why: `${reading.message}: ${tell(reading.issues)}` };
  return { delivery, account: reading.account };
}

function tell(issues: readonly { readonly path: string; readonly message: string }[]): string {
  return issues.map(({ path, message }) => (path ? `${path} ${message}` : message)).join('; ');
}
