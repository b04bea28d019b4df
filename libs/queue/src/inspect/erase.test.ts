import type { Delivery } from '@sluice/events';
import { makeDelivery, type RunningRedis, startRedis } from '@sluice/testing';
import { Queue, UnrecoverableError } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { deliveryBackend } from '../bullmq/backend.ts';
import { QUEUE_NAME } from '../bullmq/layout.ts';
import type { DeliveryQueue } from '../bullmq/open-queue.ts';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { readDelivery } from '../records/delivery.ts';
import { openShards } from '../sharding/across-shards.ts';
import { openTaker } from '../test-support/open-taker.ts';
import { startShardWorker } from '../worker.ts';
import { createEraser, eraseDeliveries } from './erase.ts';

const PREFIX = '{sluice}';
const HOUR = 3_600_000;

let server: RunningRedis;
let redis: Redis;
let queue: DeliveryQueue;
let taker: ReturnType<typeof openTaker>;

beforeAll(async () => {
  server = await startRedis({ own: true });
  redis = new Redis(server.url, { maxRetriesPerRequest: null });
  queue = openQueue(PREFIX);
  taker = openTaker(server.url, { prefix: PREFIX, settings: { backoffStrategy: () => HOUR } });
  queue.on('error', () => {});
  taker.on('error', () => {});
  await taker.waitUntilReady();
});

afterEach(() => redis.flushall());

afterAll(async () => {
  await taker.close();
  await queue.close();
  redis.disconnect();
  await server.stop();
});

function openQueue(prefix: string): DeliveryQueue {
  return new Queue(QUEUE_NAME, { connection: redis, prefix }, deliveryBackend());
}

/** Body of a delivery: its shop and customer. */
const person = (shop: string, customer: string): string => `${shop}/${customer}`;
const ALL = ['a/1', 'a/2', 'b/1', 'b/2'];
const STATES = ['wait', 'prioritized', 'delayed', 'delivered', 'dead', 'active'] as const;

async function enqueue(body: string): Promise<Delivery> {
  const delivery = makeDelivery({ body });
  await enqueueGroup(queue, [{ delivery, deduplicationWindow: HOUR }]);
  return delivery;
}

/** Reserves the only waiting delivery, as a worker does. */
async function reserve() {
  const job = await taker.getNextJob('token');
  if (!job) throw new Error('No delivery waits.');
  return job;
}

/** Brings one delivery per person into each state. */
async function fill(): Promise<Map<string, (typeof STATES)[number]>> {
  const states = new Map<string, (typeof STATES)[number]>();
  // Deliveries that must be reserved come first, while no other delivery waits.
  for (const state of ['delivered', 'dead', 'active', 'delayed', 'prioritized', 'wait'] as const) {
    for (const body of ALL) {
      const { id } = await enqueue(body);
      states.set(id, state);
      if (state === 'delivered') await (await reserve()).moveToCompleted({ eventId: 'evt' }, 'token', false);
      if (state === 'dead')
        await (await reserve()).moveToFailed(new UnrecoverableError('no'), 'token', false);
      if (state === 'active') await reserve();
      // A retry has a failed reason and is not dead.
      if (state === 'delayed') await (await reserve()).moveToFailed(new Error('later'), 'token', false);
      if (state === 'prioritized') await (await queue.getJob(id))?.changePriority({ priority: 5 });
    }
  }
  return states;
}

const left = async (ids: Iterable<string>) => {
  const jobs = await Promise.all([...ids].map((id) => queue.getJob(id)));
  return jobs
    .flatMap((job) => {
      const reading = job && readDelivery(job.id ?? '', job.data);
      return reading?.ok ? [reading.delivery.body] : [];
    })
    .sort();
};

const is =
  (shop: string, customer = '') =>
  (delivery: Delivery) =>
    delivery.body.startsWith(person(shop, customer));

describe('eraseDeliveries', () => {
  test.each([
    ['a customer of a shop', is('a', '1'), ['a/2', 'b/1', 'b/2'], 1],
    ['a shop', is('a'), ['b/1', 'b/2'], 2],
    ['no person', () => false, ALL, 0],
  ])(
    'removes exactly the deliveries of %s, in every state, and keeps active ones',
    async (_name, concerns, others, times) => {
      const states = await fill();
      const keysBefore = await redis.dbsize();
      const erasure = await eraseDeliveries({ queue, redis }, { concerns, request: 'dlv_none' });
      expect(erasure).toEqual({
        pending: 3 * times,
        delivered: times,
        dead: times,
        inFlight: times,
      });
      const of = (state: string) => [...states].filter(([, own]) => own === state).map(([id]) => id);
      for (const state of STATES) {
        expect([state, await left(of(state))]).toEqual([state, state === 'active' ? ALL : others]);
      }
      // Each is removed with its deduplication key.
      expect(await redis.dbsize()).toBe(keysBefore - 2 * 5 * times);
      expect(
        await queue.getJobCounts('wait', 'prioritized', 'delayed', 'completed', 'failed', 'active'),
      ).toEqual({
        wait: 4 - times,
        prioritized: 4 - times,
        delayed: 4 - times,
        completed: 4 - times,
        failed: 4 - times,
        active: 4,
      });
    },
  );

  test('a second pass removes deliveries that were active in the first, and counts none twice', async () => {
    await enqueue('a/1');
    const job = await reserve();
    const pass = () => eraseDeliveries({ queue, redis }, { concerns: is('a'), request: 'dlv_none' });
    expect(await pass()).toMatchObject({ pending: 0, inFlight: 1 });
    await job.moveToCompleted({ eventId: 'evt' }, 'token', false);
    expect(await pass()).toEqual({ pending: 0, delivered: 1, dead: 0, inFlight: 0 });
    expect(await pass()).toEqual({ pending: 0, delivered: 0, dead: 0, inFlight: 0 });
  });

  test('keeps the request itself and does not count it as in flight', async () => {
    const request = await enqueue('a/1');
    await reserve();
    const erasure = await eraseDeliveries({ queue, redis }, { concerns: is('a'), request: request.id });
    expect(erasure).toEqual({ pending: 0, delivered: 0, dead: 0, inFlight: 0 });
    expect(await left([request.id])).toEqual(['a/1']);
  });

  test('reads and removes a few hundred deliveries at a time', async () => {
    const deliveries = Array.from({ length: 2_000 }, (_, index) =>
      makeDelivery({ body: index % 4 === 0 ? 'a/1' : 'b/1' }),
    );
    await enqueueGroup(
      queue,
      deliveries.map((delivery) => ({ delivery, deduplicationWindow: HOUR })),
    );
    const pipelines = vi.spyOn(redis, 'pipeline');
    const erasure = await eraseDeliveries({ queue, redis }, { concerns: is('a'), request: 'dlv_none' });
    expect(erasure).toMatchObject({ pending: 500, inFlight: 0 });
    expect(await queue.getJobCountByTypes('wait')).toBe(1_500);
    const sizes = pipelines.mock.results.map(({ value }) => (value as { length: number }).length);
    expect(Math.max(...sizes)).toBeLessThan(400);
    pipelines.mockRestore();
  });

  test('keeps the deliveries of other queues, even if the prefix contains pattern characters', async () => {
    const odd = openQueue('{s[l]uice}');
    await enqueue('a/1');
    await enqueueGroup(odd, [{ delivery: makeDelivery({ body: 'a/1' }), deduplicationWindow: HOUR }]);
    const erasure = await eraseDeliveries({ queue: odd, redis }, { concerns: is('a'), request: 'dlv_none' });
    expect(erasure).toMatchObject({ pending: 1 });
    expect([await queue.getWaitingCount(), await odd.getWaitingCount()]).toEqual([1, 0]);
    await odd.close();
  });

  test('reports the removals before Redis went down', async () => {
    await enqueue('a/1');
    const once = vi.spyOn(redis, 'sendCommand').mockRejectedValueOnce(new Error('Connection is closed.'));
    const pass = () => eraseDeliveries({ queue, redis }, { concerns: is('a'), request: 'dlv_none' });
    expect(await pass()).toMatchObject({ pending: 0, interrupted: 'Connection is closed.' });
    expect(await pass()).toEqual({ pending: 1, delivered: 0, dead: 0, inFlight: 0 });
    once.mockRestore();
  });
});

test('a completed erasure request keeps only its deduplication key, and a recorded request is kept', async () => {
  const shards = openShards({ url: server.url, name: 'test', prefix: PREFIX, onError: () => {} });
  const eraser = createEraser(shards);
  const victim = makeDelivery({ body: 'a/1' });
  const request = makeDelivery({ body: 'ada@example.com', topic: 'erase' });
  const record = makeDelivery({ body: 'ada@example.com', topic: 'record' });
  const send = (...deliveries: Delivery[]) =>
    enqueueGroup(
      queue,
      deliveries.map((delivery) => ({ delivery, deduplicationWindow: HOUR })),
    );
  await send(victim);
  await (await reserve()).moveToCompleted({}, 'token', false);
  await send(request, record);
  const consumer = startShardWorker({
    redisUrl: server.url,
    prefix: PREFIX,
    concurrency: 1,
    lockDuration: 5_000,
    stalledInterval: 5_000,
    keepDelivered: 100,
    onError: () => {},
    process: async ({ reading }) => {
      if (!reading.ok || reading.delivery.topic === 'record') return { kind: 'recorded' };
      const { delivered } = await eraser.erase({ concerns: is('a'), request: reading.delivery.id });
      return { kind: 'erased', removed: delivered };
    },
  });
  const isDone = async () =>
    (await queue.getJobState(record.id)) === 'completed' && (await queue.getActiveCount()) === 0;
  await vi.waitUntil(isDone, { timeout: 10_000, interval: 5 });
  expect(await left([victim.id, request.id, record.id])).toEqual(['ada@example.com']);
  expect((await queue.getJob(record.id))?.returnvalue).toEqual({ recorded: true });
  const resent = await send({ ...request, id: 'dlv_resent-1' }, { ...record, id: 'dlv_resent-2' });
  expect(resent.map(({ duplicate }) => duplicate)).toEqual([true, true]);
  await consumer.close();
  await shards.close();
});
