import { createHash } from 'node:crypto';
import type { Delivery, DeliveryId } from './sluice-events.ts';

/**
 * Derives the id of a delivery from what makes it the same thing, so that a resend has the id of the first:
 * there is no queue here that knows what was sent, and bots can tell a repetition by `deliveryId`.
 *
 * @param delivery its `connection` is the id of the webhook, which is the installed integration's own
 */
export function deliveryIdOf({ connection, topic, idempotencyKey }: Delivery): DeliveryId {
  const hash = createHash('sha256').update(JSON.stringify([connection, topic, idempotencyKey]));
  return `dlv_${hash.digest('hex').slice(0, 32)}`;
}
