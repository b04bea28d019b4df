import { defineSource } from '@sluice/events';
import { createLedgerReader, type LedgerReader, openShards, type Shards } from '@sluice/queue';
import { type RunningRedis, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { order, shopify, sign } from './test-support/signed-orders.ts';
import { startTestIngest, type TestIngest, testConnection } from './test-support/test-ingest.ts';

const SOON = { timeout: 10_000, interval: 20 };

/** Adds an item for a disabled topic to each item, like a batch. */
const batches = defineSource<unknown>({
  ...shopify,
  name: 'batches',
  unpack: (parsed, settings) => {
    const items = shopify.unpack(parsed, settings);
    return [...items, ...items.map((item) => ({ ...item, topic: 'carts/create' }))];
  },
});

let redis: RunningRedis;
let ingest: TestIngest;
let reader: LedgerReader;
let shards: Shards;

beforeAll(async () => {
  redis = await startRedis({ own: true });
  const connections = [testConnection('acme'), testConnection('batches', batches)];
  ingest = await startTestIngest(redis.url, connections, { maxBacklog: 3 });
  shards = openShards({ url: redis.url, name: 'test', prefix: '{sluice}', onError: () => {} });
  reader = createLedgerReader(shards);
  await shards.reached;
});

afterAll(async () => {
  await shards.close();
  await ingest.stop();
  await redis.stop();
});

async function counts(connection: string) {
  const { rows } = await reader.readLedger();
  const {
    accepted = 0,
    duplicates = 0,
    ignored = 0,
  } = rows.find((row) => row.connection === connection) ?? {};
  return { accepted, duplicates, ignored };
}

test('counts accepted, duplicate and ignored deliveries, and nothing of rejected webhooks', async () => {
  const disabledTopic = () =>
    sign('{}', { 'content-type': 'application/json', 'x-shopify-topic': 'carts/create' });
  const same = order();
  for (const webhook of [same, same, disabledTopic(), disabledTopic()]) {
    expect(await ingest.post(webhook)).toMatchObject({ status: 200 });
  }
  expect(await ingest.post(order(), 'batches')).toMatchObject({ status: 200 });
  expect(await ingest.post({ ...disabledTopic(), body: '[]' })).toMatchObject({ status: 401 });
  await vi.waitUntil(async () => (await counts('batches')).ignored > 0, SOON);
  expect(await counts('acme')).toEqual({ accepted: 1, duplicates: 1, ignored: 2 });
  expect(await counts('batches')).toEqual({ accepted: 1, duplicates: 0, ignored: 1 });

  await ingest.post(order());
  await ingest.post(order());
  await vi.waitUntil(() => ingest.producer.refusal()?.reason === 'backlog', SOON);
  expect(await ingest.post(order(), 'batches')).toMatchObject({ status: 503 });
  // Still acknowledged, and counted after anything that the rejected webhook would have counted.
  expect(await ingest.post(disabledTopic())).toMatchObject({ status: 200 });
  await vi.waitUntil(async () => (await counts('acme')).ignored === 3, SOON);
  expect(await counts('batches')).toEqual({ accepted: 1, duplicates: 0, ignored: 1 });
});
