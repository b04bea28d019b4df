import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createSourceRegistry, type SampleRequest } from '@sluice/events';
import { secretOf } from './connections-file.ts';

/** A signed webhook for a connection. */
export interface TestWebhook extends SampleRequest {
  readonly connection: string;
}

const registry = createSourceRegistry();

/** Unique in this process, so that no webhook duplicates one of another row. */
let number = 0;

/** Returns a unique signed Shopify webhook. Default: an order of 8 kB. */
export function order(connection = 'shop', topic = 'orders/create'): TestWebhook {
  const samples = registry.get('shopify')?.samples;
  if (!samples) throw new Error('shopify has no samples');
  number += 1;
  const occasion = { number, now: Date.now(), settings: { shopName: connection } };
  return { connection, ...samples.sign(samples.compose(topic, occasion), secretOf(connection)) };
}

/** Returns an order with a valid signature that fails schema validation. */
export function invalidOrder(connection = 'shop'): TestWebhook {
  const fit = order(connection);
  const content = JSON.parse(Buffer.from(fit.body).toString()) as object;
  const body = JSON.stringify({ ...content, id: 'not a number', created_at: null });
  const signature = createHmac('sha256', secretOf(connection)).update(body).digest('base64');
  return { ...fit, body, headers: { ...fit.headers, 'x-shopify-hmac-sha256': signature } };
}

/** Returns the webhook with a new event id, like a platform whose resends have new ids. */
export function withNewId(webhook: TestWebhook): TestWebhook {
  number += 1;
  return { ...webhook, headers: { ...webhook.headers, 'x-shopify-event-id': `resend-${number}` } };
}

/** Yields items at an even rate. */
export async function* paced<T>(items: Iterable<T>, perSecond: number): AsyncGenerator<T> {
  let due = Date.now();
  for (const item of items) {
    // A delay is not followed by a burst.
    due = Math.max(due + 1_000 / perSecond, Date.now() - 100);
    const wait = due - Date.now();
    if (wait > 0) await pause(wait);
    yield item;
  }
}

/** Fault of the mapper; `none` for deliveries beside a faulty one. */
export type Trouble =
  | { readonly trouble: 'none' | 'abort' | 'throw' }
  | { readonly trouble: 'block'; readonly ms: number };

/** Path of the source module with the source `trouble`. */
export const TROUBLE_MODULE = fileURLToPath(new URL('./modules/trouble.mjs', import.meta.url));

/** Returns a signed webhook of the source `trouble`. */
export function troubleWebhook(trouble: Trouble, connection = 'trouble'): TestWebhook {
  number += 1;
  const body = JSON.stringify({ id: `trouble-${number}`, ...trouble });
  const signature = createHmac('sha256', secretOf(connection)).update(body).digest('hex');
  return { connection, body, headers: { 'content-type': 'application/json', 'x-trouble': signature } };
}
