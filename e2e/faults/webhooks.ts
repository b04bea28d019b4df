import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createSourceRegistry, type SampleRequest } from '@sluice/events';
import { secretOf } from './connections-file.ts';

/** Something that happened, as its platform posts it to a connection. */
export interface TestWebhook extends SampleRequest {
  readonly connection: string;
}

const registry = createSourceRegistry();

/** Never twice the same, so that nothing is a duplicate of another row's. */
let number = 0;

/** A signed Shopify webhook unlike any before it, an order of 8 kB unless another topic is given. */
export function order(connection = 'shop', topic = 'orders/create'): TestWebhook {
  const samples = registry.get('shopify')?.samples;
  if (!samples) throw new Error('shopify has no samples');
  number += 1;
  const occasion = { number, now: Date.now(), settings: { shopName: connection } };
  return { connection, ...samples.sign(samples.compose(topic, occasion), secretOf(connection)) };
}

/** Authentic, and of no shape that an order has. */
export function invalidOrder(connection = 'shop'): TestWebhook {
  const fit = order(connection);
  const content = JSON.parse(Buffer.from(fit.body).toString()) as object;
  const body = JSON.stringify({ ...content, id: 'not a number', created_at: null });
  const signature = createHmac('sha256', secretOf(connection)).update(body).digest('base64');
  return { ...fit, body, headers: { ...fit.headers, 'x-shopify-hmac-sha256': signature } };
}

/** The same thing, told as another: what a platform does that gives each resend an id of its own. */
export function withNewId(thing: TestWebhook): TestWebhook {
  number += 1;
  return { ...thing, headers: { ...thing.headers, 'x-shopify-event-id': `disguise-${number}` } };
}

/** Gives things no faster than so many a second, evenly. */
export async function* paced<T>(things: Iterable<T>, perSecond: number): AsyncGenerator<T> {
  let due = Date.now();
  for (const thing of things) {
    // What could not be sent in time is not sent in a burst later.
    due = Math.max(due + 1_000 / perSecond, Date.now() - 100);
    const wait = due - Date.now();
    if (wait > 0) await pause(wait);
    yield thing;
  }
}

/** Trouble that a mapper makes; `none` for a neighbour. */
export type Trouble =
  | { readonly trouble: 'none' | 'abort' | 'throw' }
  | { readonly trouble: 'block'; readonly ms: number };

/** A user's module with a source of that name. */
export const TROUBLE_MODULE = fileURLToPath(new URL('./modules/trouble.mjs', import.meta.url));

/** A signed webhook of that source, for a connection of the same name. */
export function troubleWebhook(trouble: Trouble, connection = 'trouble'): TestWebhook {
  number += 1;
  const body = JSON.stringify({ id: `trouble-${number}`, ...trouble });
  const signature = createHmac('sha256', secretOf(connection)).update(body).digest('hex');
  return { connection, body, headers: { 'content-type': 'application/json', 'x-trouble': signature } };
}
