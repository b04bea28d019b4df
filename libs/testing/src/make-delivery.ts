import { randomUUID } from 'node:crypto';

/** Returns a unique delivery of a Shopify order with the given changes. */
export function makeDelivery<Changes extends object>(changes: Changes = {} as Changes) {
  return {
    id: `dlv_${randomUUID()}` as const,
    connection: 'acme-orders',
    source: 'shopify',
    topic: 'orders/create',
    idempotencyKey: randomUUID() as string,
    receivedAt: 1_790_000_000_000,
    body: '{"id":1,"created_at":"2026-01-01T00:00:00Z"}',
    headers: {} as Record<string, string>,
    ...changes,
  };
}
