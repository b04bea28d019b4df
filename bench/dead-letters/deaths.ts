import type { Delivery } from '@sluice/events';
import { createSourceRegistry } from '@sluice/events';
import type { DeliveryOutcome } from '@sluice/queue';
import { makeDelivery } from '@sluice/testing';

type Dead = Extract<DeliveryOutcome, { kind: 'dead' }>;

const NOW = 1_790_000_000_000;
const shopify = createSourceRegistry().get('shopify');

const refused = (message: string, status: number, type: string): Omit<Dead, 'kind' | 'event'> => ({
  reason: 'rejected',
  detail: { message, status, type, errorId: 'err_bcd1234567890' },
});

/** Ten incidents; how many of a hundred dead letters each has. */
const INCIDENTS = [
  {
    share: 40,
    topic: 'orders/create',
    event: 'newOrderCreated',
    death: refused('Event newOrderCreated is not known', 400, 'InvalidPayload'),
  },
  {
    share: 20,
    topic: 'orders/updated',
    event: 'orderUpdated',
    death: refused('Bot is not found', 404, 'ResourceNotFound'),
  },
  {
    share: 10,
    topic: 'orders/paid',
    event: 'orderPaid',
    death: { reason: 'mapper_threw', detail: { message: "Cannot read properties of null (reading 'id')" } },
  },
  {
    share: 10,
    topic: 'orders/fulfilled',
    event: 'orderFulfilled',
    death: {
      reason: 'invalid_event',
      detail: {
        message: 'does not fit',
        issues: [{ path: 'line_items.0.price', message: 'expected number' }],
      },
    },
  },
  {
    share: 8,
    topic: 'orders/cancelled',
    event: 'orderCancelled',
    death: {
      reason: 'retries_exhausted',
      detail: { message: '14 attempts failed, the last: 503 Unknown', status: 503 },
    },
  },
  {
    share: 5,
    topic: 'orders/create',
    event: 'newOrderCreated',
    death: refused('Payload too deep', 400, 'Depth'),
  },
  {
    share: 4,
    topic: 'orders/paid',
    event: 'orderPaid',
    death: refused('Quota is used up', 402, 'PaymentRequired'),
  },
  {
    share: 1,
    topic: 'orders/updated',
    death: { reason: 'crashed', detail: { message: 'it crashed its worker' } },
  },
  {
    share: 1,
    topic: 'orders/create',
    death: { reason: 'unknown_connection', detail: { message: 'no connection' } },
  },
  { share: 1, topic: 'orders/create', death: refused('Needle in a haystack', 422, 'Rare') },
] as const satisfies readonly {
  share: number;
  topic: string;
  event?: string;
  death: Omit<Dead, 'kind' | 'event'>;
}[];

const OF_HUNDRED = INCIDENTS.flatMap((incident) => Array.from({ length: incident.share }, () => incident));

/** Spread over five connections; each order is distinct, about 8 kB. */
export function deliveryOf(number: number): Delivery {
  const { topic } = OF_HUNDRED[(number * 37) % 100] ?? INCIDENTS[0];
  const connection = `shop-${number % 5}`;
  const settings = { shopName: connection };
  const request = shopify?.samples?.compose(topic, { number, now: NOW, settings });
  if (!request) throw new Error(`no sample of ${topic}`);
  const headers = { 'x-shopify-shop-domain': request.headers['x-shopify-shop-domain'] ?? '' };
  return makeDelivery({ connection, topic, body: request.body, headers, idempotencyKey: String(number) });
}

/** What became of it; found again by its id, which is unique to each order. */
export function deathOf(number: number): Dead {
  const { death, ...rest } = OF_HUNDRED[(number * 37) % 100] ?? INCIDENTS[0];
  return { kind: 'dead', ...death, ...('event' in rest ? { event: rest.event } : {}) };
}
