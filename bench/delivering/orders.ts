import { createSourceRegistry } from '@sluice/events';
import { createDeliveryBackend, enqueueGroup } from '@sluice/queue/testing';
import { makeDelivery } from '@sluice/testing';
import { Queue } from 'bullmq';
import { SHOPS, shopName } from '../shops.ts';

const PREFIX = '{sluice}';
export const BARE_QUEUE = 'orders';

const BYTES = 8 * 1024;
const GROUP = 250;
const WINDOW = 60_000;

/** Distinct orders as Shopify sends them, with enough line items for 8 kB each. */
export function composeOrders(count: number): string[] {
  const samples = createSourceRegistry().get('shopify')?.samples;
  if (!samples) throw new Error('there are no samples of Shopify');
  const now = Date.now();
  return Array.from({ length: count }, (_, number) => {
    const { body } = samples.compose('orders/create', { number, now, settings: { shopName: 'bench' } });
    return padded(body);
  });
}

function padded(body: string): string {
  const order: { line_items: object[] } = JSON.parse(body);
  const [line = {}] = order.line_items;
  while (JSON.stringify(order).length < BYTES)
    order.line_items.push({ ...line, id: order.line_items.length });
  return JSON.stringify(order);
}

/** Lets Sluice's deliveries of these orders wait, as ingest writes them. */
export async function enqueueDeliveries(redisUrl: string, orders: readonly string[]): Promise<void> {
  const options = { connection: { url: redisUrl }, prefix: PREFIX };
  const queue = new Queue('deliveries', options, createDeliveryBackend);
  await inGroups(orders, (group, first) => {
    const requests = group.map((body, index) => ({
      delivery: makeDelivery({ connection: shopName((first + index) % SHOPS), body, receivedAt: Date.now() }),
      deduplicationWindow: WINDOW,
    }));
    return enqueueGroup(queue, requests);
  });
  await queue.close();
}

/** Lets plain jobs of these orders wait, as BullMQ's guide adds them. */
export async function enqueueBare(redisUrl: string, orders: readonly string[]): Promise<void> {
  const queue = new Queue(BARE_QUEUE, { connection: { url: redisUrl } });
  await inGroups(orders, (group) => queue.addBulk(group.map((body) => ({ name: 'order', data: { body } }))));
  await queue.close();
}

async function inGroups(
  orders: readonly string[],
  enqueue: (group: readonly string[], first: number) => Promise<unknown>,
): Promise<void> {
  for (let first = 0; first < orders.length; first += GROUP) {
    await enqueue(orders.slice(first, first + GROUP), first);
  }
}
