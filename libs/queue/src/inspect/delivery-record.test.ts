import { makeDelivery, type RunningRedis, startRedis } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type DeliveryQueue, type DeliveryQueueHandle, openDeliveryQueue } from '../bullmq/open-queue.ts';
import type { Consumer } from '../consume/consumer.ts';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import type { DeliveryOutcome } from '../records/outcome.ts';
import { openShards, type Shards } from '../sharding/across-shards.ts';
import { startShardWorker } from '../worker.ts';
import { createDeliveries, type Deliveries } from './deliveries.ts';
import type { Whereabouts } from './delivery-record.ts';

const PREFIX = '{sluice}';
const CONNECTION_QUEUE = { connection: 'acme', bot: { id: 'bot', eventsPerMinute: 600 }, share: 1 };

let server: RunningRedis;
let redis: Redis;
let reachable: DeliveryQueueHandle;
let queue: DeliveryQueue;
let deliveries: Deliveries;
let shards: Shards;
let consumer: Consumer | undefined;

beforeAll(async () => {
  server = await startRedis({ own: true });
  const options = { url: server.url, name: 'test', prefix: PREFIX, onError: () => {} };
  redis = new Redis(server.url);
  reachable = openDeliveryQueue(options);
  shards = openShards(options);
  deliveries = createDeliveries(shards);
  await Promise.all([reachable.reached, shards.reached]);
  queue = reachable.get() as DeliveryQueue;
});

beforeEach(() => redis.flushall());

afterEach(async () => {
  await consumer?.close();
  consumer = undefined;
});

afterAll(async () => {
  await Promise.all([reachable.close(), shards.close()]);
  redis.disconnect();
  await server.stop();
});

async function enqueue(): Promise<string> {
  const [enqueued] = await enqueueGroup(queue, [
    { delivery: makeDelivery({ connection: 'acme' }), deduplicationWindow: 60_000 },
  ]);
  return enqueued?.id ?? '';
}

/** Processes a delivery with these outcomes, one per reservation, and waits until it is in the given state. */
async function processUntil(state: Whereabouts['state'], ...outcomes: readonly DeliveryOutcome[]) {
  const id = await enqueue();
  const left = [...outcomes];
  consumer = startShardWorker({
    redisUrl: server.url,
    prefix: PREFIX,
    concurrency: 1,
    lockDuration: 5_000,
    stalledInterval: 5_000,
    keepDelivered: 10,
    onError: () => {},
    process: async () => left.shift() ?? { kind: 'lost' },
  });
  await vi.waitFor(async () => expect((await deliveries.read(id))?.where.state).toBe(state), 5_000);
  return { id, record: await deliveries.read(id) };
}

test('returns undefined for an unknown id', async () => {
  expect(await deliveries.read('dlv_none')).toBeUndefined();
});

test('returns a waiting delivery with the body that the platform sent', async () => {
  const id = await enqueue();
  expect(await deliveries.read(id)).toMatchObject({
    id,
    where: { state: 'waiting' },
    reading: { ok: true, delivery: { connection: 'acme', source: 'shopify' } },
    attemptsMade: 0,
    attempts: [],
  });
});

test('returns when a delivery is retried, and the error of its attempt', async () => {
  const since = Date.now();
  const detail = { message: 'busy', status: 503, type: 'Unknown', errorId: 'err_1' };
  const { record } = await processUntil('delayed', {
    kind: 'retry',
    after: 60_000,
    cause: 'refused',
    reason: '503 Unknown',
    detail,
  });
  expect(record).toMatchObject({
    attemptsMade: 1,
    attempts: [{ outcome: 'retry', message: 'busy', status: 503, type: 'Unknown', errorId: 'err_1' }],
  });
  const [{ at = 0, ms = -1 } = {}] = record?.attempts ?? [];
  expect(at).toBeGreaterThanOrEqual(since);
  expect(ms).toBeGreaterThanOrEqual(0);
  const { where } = record ?? {};
  const until = where?.state === 'delayed' ? where.until : 0;
  expect(until - since).toBeGreaterThanOrEqual(60_000);
  expect(until - Date.now()).toBeLessThanOrEqual(60_000);
});

test('a delivery that waits for a permit has no attempt', async () => {
  const { record } = await processUntil('delayed', {
    kind: 'paced',
    until: Date.now() + 60_000,
    lane: CONNECTION_QUEUE,
  });
  expect(record).toMatchObject({ attemptsMade: 0, attempts: [] });
});

test('returns the attempts and the failure of a dead letter, and keeps the attempts through a replay', async () => {
  const { id, record } = await processUntil(
    'dead',
    { kind: 'retry', after: 1, cause: 'not_sent', reason: 'not sent: ECONNREFUSED' },
    {
      kind: 'dead',
      reason: 'rejected',
      detail: { message: 'no such event', status: 400, type: 'InvalidPayload' },
    },
  );
  const attempts = [
    { outcome: 'retry', message: 'not sent: ECONNREFUSED' },
    { outcome: 'rejected', message: 'no such event', status: 400 },
  ];
  expect(record).toMatchObject({ where: { death: { reason: 'rejected' } }, attemptsMade: 2, attempts });
  await consumer?.close();
  await redis.hset(`${PREFIX}:replay:rpl_1`, 'state', 'running');
  await queue.getBackend().replay(id, 'rpl_1');
  expect(await deliveries.read(id)).toMatchObject({
    where: { state: 'waiting' },
    replay: 'rpl_1',
    attemptsMade: 0,
    attempts,
  });
});

test('returns the start of an attempt whose result is unknown', async () => {
  const id = await enqueue();
  await redis.hset(`${PREFIX}:deliveries:${id}`, 'sl:began', 1_790_000_000_000);
  expect(await deliveries.read(id)).toMatchObject({ began: 1_790_000_000_000 });
});

test('returns the event of a delivered delivery', async () => {
  const { record } = await processUntil('delivered', {
    kind: 'delivered',
    eventId: 'evt_1',
    reconciled: true,
  });
  expect(record?.where).toMatchObject({ settled: { eventId: 'evt_1', reconciled: true } });
});
