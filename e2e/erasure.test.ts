import { type RunningPipeline, startPipeline } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { signed } from './shopify-orders.ts';

let pipeline: RunningPipeline;
let redis: Redis;

beforeAll(async () => {
  pipeline = await startPipeline();
  redis = new Redis(pipeline.redis.url);
});

afterAll(async () => {
  redis.disconnect();
  await pipeline.stop();
});

const SHOP = 'demo-shop.myshopify.com';
const OTHER = 'other-shop.myshopify.com';
let sent = 0;

async function post(topic: string, body: object, shop = SHOP) {
  sent += 1;
  const headers = {
    'x-shopify-topic': topic,
    'x-shopify-shop-domain': shop,
    'x-shopify-webhook-id': `w${sent}`,
  };
  return postAgain(signed(JSON.stringify(body), headers));
}

async function postAgain({ headers, body }: { headers: Readonly<Record<string, string>>; body: string }) {
  const answer = await fetch(pipeline.webhookUrl(), { method: 'POST', headers, body });
  const { result, deliveries = [] } = (await answer.json()) as { result?: string; deliveries?: string[] };
  return { status: answer.status, result, id: deliveries[0] ?? '' };
}

const order = (id: number, customer: string, more: object = {}) => ({
  id,
  created_at: '2026-01-01T00:00:00Z',
  email: `${customer}@example.com`,
  customer: { id: 1_000 + customer.length, first_name: customer },
  ...more,
});

const lineOf = (msg: string, id: string) =>
  pipeline.worker.lines.waitFor((line) => line.msg === msg && (line.deliveryId ?? line.delivery) === id);

/** Returns all data in Redis: keys, hashes and BullMQ's event stream. */
async function everything(): Promise<string> {
  const keys = await redis.keys('*');
  const dumps = await Promise.all(
    keys.map(async (key) => {
      const type = await redis.type(key);
      if (type === 'hash') return JSON.stringify(await redis.hgetall(key));
      return type === 'stream' ? JSON.stringify(await redis.xrange(key, '-', '+')) : '';
    }),
  );
  return [...keys, ...dumps].join('\n');
}

test('erases the stored data of a customer, then of a shop, with an audit line without personal data', async () => {
  await post('orders/create', order(1, 'ada'));
  await post('orders/create', order(2, 'grace'));
  await post('orders/create', order(3, 'ada'), OTHER);
  await pipeline.sandbox.waitFor({ distinct: 3 });
  const misfit = await post('orders/create', order(4, 'ada', { created_at: 7 }));
  expect(misfit.result).toBe('quarantined');
  await lineOf('delivery.attempted', misfit.id);
  const asked = await post('customers/data_request', {
    shop_domain: SHOP,
    customer: { id: 1, email: 'ada@example.com' },
  });
  expect(await lineOf('audit', asked.id)).toMatchObject({ action: 'record', account: SHOP });
  expect((await everything()).match(/ada@example/g)).toHaveLength(4);

  const redact = await post('customers/redact', {
    shop_domain: SHOP,
    customer: { email: 'Ada@example.com' },
  });
  expect([redact.status, redact.result]).toEqual([200, 'accepted']);
  expect(await lineOf('audit', redact.id)).toMatchObject({
    action: 'erase',
    source: 'shopify',
    connection: 'demo-shopify',
    topic: 'customers/redact',
    account: SHOP,
    removed: 3,
    delivered: 2,
    dead: 1,
    complete: true,
  });
  // The data of the other shop's customer with the same name stays; the request itself is erased.
  await vi.waitUntil(async () => !(await everything()).includes('Ada@example'), { timeout: 10_000 });
  expect((await everything()).match(/ada@example/g)).toHaveLength(1);
  expect(await everything()).toContain('grace@example');

  const erased = await post('shop/redact', { shop_id: 1, shop_domain: SHOP });
  expect(await lineOf('audit', erased.id)).toMatchObject({ topic: 'shop/redact', removed: 1, account: SHOP });
  await vi.waitUntil(async () => (await redis.exists(`{sluice}:deliveries:${erased.id}`)) === 0, {
    timeout: 10_000,
  });
  expect(await everything()).not.toContain('grace@example');
  expect((await everything()).match(/ada@example/g)).toHaveLength(1);

  const logged = JSON.stringify([pipeline.worker.lines.seen, pipeline.ingest.lines.seen]);
  expect(logged).not.toMatch(/@example|grace|"ada/i);
  expect(await pipeline.sandbox.ledger()).toMatchObject({ commits: 3, distinct: 3 });
});

test('a resent erasure is a duplicate, and one with a wrong signature gets 401', async () => {
  const headers = { 'x-shopify-topic': 'shop/redact', 'x-shopify-webhook-id': 'same' };
  const request = signed(JSON.stringify({ shop_domain: OTHER }), headers);
  const forged = { ...request, body: request.body.replace(OTHER, SHOP) };
  expect((await postAgain(forged)).status).toBe(401);
  const first = await postAgain(request);
  expect(await lineOf('audit', first.id)).toMatchObject({ account: OTHER, removed: 1 });
  await vi.waitUntil(async () => (await redis.exists(`{sluice}:deliveries:${first.id}`)) === 0, {
    timeout: 10_000,
  });
  expect(await postAgain(request)).toEqual({ status: 200, result: 'duplicate', id: first.id });
  expect(await everything()).not.toContain('@example');
});
