import { type ChosenEvents, findEvent } from './choose-events.ts';
import type { ComplianceDefinition } from './define-compliance.ts';
import type { EventDefinition } from './define-event.ts';
import type { ParsedWebhook, SourceDefinition, UnpackedItem } from './define-source.ts';
import { type Delivery, newDeliveryId } from './delivery.ts';
import { findCompliance } from './read-compliance.ts';

/** A delivery that an event is defined for, with its input still parsed. */
export interface UnpackedDelivery {
  readonly delivery: Delivery;
  readonly input: unknown;
  readonly event: EventDefinition;
}

/** A delivery by which the platform asks for what the law gives to people; it becomes no event. */
export interface UnpackedComplianceRequest {
  readonly delivery: Delivery;
  readonly input: unknown;
  readonly compliance: ComplianceDefinition;
}

export interface UnpackedWebhook {
  readonly deliveries: readonly UnpackedDelivery[];
  readonly compliance: readonly UnpackedComplianceRequest[];
  /** How many items have a topic that nobody asked for. */
  readonly ignored: number;
}

/** Unpacks a webhook into deliveries, one for each thing that happened and that has an event or must be obeyed. */
export function unpackWebhook(
  source: SourceDefinition,
  connection: { readonly id: string; readonly settings: unknown; readonly events: ChosenEvents },
  parsed: ParsedWebhook,
): UnpackedWebhook {
  const items = source.unpack(parsed, connection.settings);
  const headers = keepHeaders(source, parsed);
  const deliveries: UnpackedDelivery[] = [];
  const compliance: UnpackedComplianceRequest[] = [];
  for (const item of items) {
    const toStored = () => ({
      input: item.input,
      delivery: toDelivery(source, connection.id, parsed, item, headers),
    });
    const duty = findCompliance(source, item.topic);
    const event = duty ? undefined : findEvent(connection.events, item.topic);
    if (duty) compliance.push({ ...toStored(), compliance: duty });
    else if (event) deliveries.push({ ...toStored(), event });
  }
  return { deliveries, compliance, ignored: items.length - deliveries.length - compliance.length };
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
