import { createHmac } from 'node:crypto';
import { Secret } from '@sluice/config';
import { createLedgerReader, openShards } from '@sluice/queue';
import { type RunningRedis, startRedis } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { order, SECRET, type SignedWebhook } from './test-support/signed-orders.ts';
import { startTestIngest, type TestIngest, testConnection } from './test-support/test-ingest.ts';

let redis: RunningRedis;
let client: Redis;
let ingest: TestIngest;

const forward = {
  ...{ url: new Secret('https://example.com/hook'), secret: new Secret(SECRET) },
  ...{ allowPrivate: false, perMinute: 60 },
};

beforeAll(async () => {
  redis = await startRedis({ own: true });
  client = new Redis(redis.url);
});

beforeEach(async () => {
  await client.flushall();
  ingest = await startTestIngest(redis.url, [
    testConnection('acme'),
    testConnection('both', undefined, { forward }),
    testConnection('strict', undefined, { forward, onInvalid: 'reject' }),
  ]);
});

afterEach(() => ingest.stop());

afterAll(async () => {
  client.disconnect();
  await redis.stop();
});

/** Returns the stored deliveries, forwards last. */
async function stored() {
  const keys = await client.keys('{sluice}:deliveries:dlv_*');
  const jobs = await Promise.all(keys.map((key) => client.hget(key, 'data')));
  const all = jobs.map((data) => JSON.parse(data ?? '') as Record<string, unknown>);
  return all.sort((one, other) => (String(one.connection) < String(other.connection) ? -1 : 1));
}

test('stores a forward beside the deliveries, and lists only the deliveries', async () => {
  const response = await ingest.post(order(), 'both');
  const deliveries = await stored();
  expect(deliveries.map(({ connection, topic }) => [connection, topic])).toEqual([
    ['both', 'orders/create'],
    ['both:forward', 'orders/create'],
  ]);
  expect(JSON.parse(response.text)).toMatchObject({ result: 'accepted', deliveries: [expect.any(String)] });
  expect(deliveries[1]).toMatchObject({ headers: { 'x-shopify-hmac-sha256': expect.any(String) } });
});

test('stores no forward for a connection that does not forward', async () => {
  await ingest.post(order());
  expect((await stored()).map(({ connection }) => connection)).toEqual(['acme']);
});

test('a resend of the same bytes is one forward', async () => {
  const webhook = order();
  await ingest.post(webhook, 'both');
  expect(JSON.parse((await ingest.post(webhook, 'both')).text)).toMatchObject({ result: 'duplicate' });
  expect(await stored()).toHaveLength(2);
});

test('a webhook that is itself a forward is not forwarded again', async () => {
  const webhook = order();
  await ingest.post({ ...webhook, headers: { ...webhook.headers, 'sluice-delivery': 'dlv_1' } }, 'both');
  expect((await stored()).map(({ connection }) => connection)).toEqual(['both']);
});

/** Signs any bytes. */
function sign(body: string | Buffer, topic = 'orders/create'): SignedWebhook {
  const signature = createHmac('sha256', SECRET).update(body).digest('base64');
  const headers = { 'x-shopify-topic': topic, 'x-shopify-hmac-sha256': signature };
  return { body, headers: { ...headers, 'content-type': 'application/json' } };
}

test.each<[string, SignedWebhook, string, number]>([
  ['of a disabled topic', sign('{"id":1}', 'carts/unknown'), 'both', 200],
  ['that fails validation', sign('{"id":"no number"}'), 'both', 200],
  ['that is rejected', sign('{"id":"no number"}'), 'strict', 422],
  ['that is not JSON', sign('no JSON'), 'both', 400],
  ['that is not UTF-8', sign(Buffer.from([0x7b, 0xff])), 'both', 400],
])('a verified webhook %s is forwarded', async (_name, webhook, connection, status) => {
  expect((await ingest.post(webhook, connection)).status).toBe(status);
  expect((await stored()).at(-1)).toMatchObject({ connection: `${connection}:forward` });
  await ingest.post(webhook, connection);
  expect((await stored()).filter((one) => one.connection === `${connection}:forward`)).toHaveLength(1);
});

test('an unverified webhook is not forwarded', async () => {
  const { status } = await ingest.post({ ...order(), body: order().body }, 'both');
  expect([status, await stored()]).toEqual([401, []]);
});

test('the id of the forwards is not an address', async () => {
  const { status } = await ingest.post(order(), 'both:forward');
  expect([status, await stored()]).toEqual([404, []]);
});

test('a webhook gets a 503 if its forward cannot be stored, even if it has no delivery', async () => {
  const full = await startTestIngest(redis.url, [testConnection('both', undefined, { forward })], {
    maxBacklog: 0,
  });
  await full.post(order(), 'both');
  await expect
    .poll(async () => (await full.post(sign('{"id":1}', 'carts/unknown'), 'both')).status, {
      timeout: 10_000,
    })
    .toBe(503);
  await full.stop();
});

test('the ledger has a row for the forwards', async () => {
  const webhook = order();
  await ingest.post(webhook, 'both');
  await ingest.post(webhook, 'both');
  const shards = openShards({ url: redis.url, name: 'test', prefix: '{sluice}', onError: () => {} });
  await shards.reached;
  const { rows, holds } = await createLedgerReader(shards).readLedger();
  await shards.close();
  expect(rows).toMatchObject([
    { connection: 'both', accepted: 1, duplicates: 1, pending: 1 },
    { connection: 'both:forward', accepted: 1, duplicates: 1, pending: 1 },
  ]);
  expect(holds).toBe(true);
});
