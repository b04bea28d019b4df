import { makeDelivery, type RunningRedis, startRedis } from '@sluice/testing';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { createLedgerReader, type LedgerReader } from '../ledger/reader.ts';
import { openShards, type Shards } from '../sharding/across-shards.ts';
import { openTaker } from '../test-support/open-taker.ts';
import { createDeliveryBackend } from './backend.ts';
import { QUEUE_NAME } from './layout.ts';
import { type DeliveryQueue, type DeliveryQueueHandle, openDeliveryQueue } from './open-queue.ts';

const PREFIX = '{sluice}';
const HOUR = 3_600_000;
const TOKEN = 'token';

let server: RunningRedis;
let redis: Redis;
let reachable: DeliveryQueueHandle;
let queue: DeliveryQueue;
let taker: ReturnType<typeof openTaker>;
let reader: LedgerReader;
let shards: Shards;

beforeAll(async () => {
  server = await startRedis({ own: true });
  const options = { url: server.url, name: 'test', prefix: PREFIX, onError: () => {} };
  redis = new Redis(server.url);
  reachable = openDeliveryQueue(options);
  shards = openShards(options);
  reader = createLedgerReader(shards);
  taker = openTaker(server.url, {
    prefix: PREFIX,
    removeOnComplete: { count: 3 },
    settings: { backoffStrategy: () => HOUR },
  });
  for (const one of [redis, taker]) one.on('error', () => {});
  await Promise.all([reachable.reached, shards.reached, taker.waitUntilReady()]);
});

beforeEach(async () => {
  await redis.flushall();
  queue = reachable.get() as DeliveryQueue;
});

afterAll(async () => {
  await taker.close();
  await Promise.all([reachable.close(), shards.close()]);
  redis.disconnect();
  await server.stop();
});

const request = (changes: object = {}, more: object = {}) => ({
  delivery: makeDelivery(changes),
  deduplicationWindow: HOUR,
  ...more,
});

async function enqueue(changes: object = {}, more: object = {}): Promise<string> {
  const [enqueued] = await enqueueGroup(queue, [request(changes, more)]);
  return enqueued?.id ?? '';
}

async function reserve(token = TOKEN): Promise<Job> {
  const job = await taker.getNextJob(token);
  if (!job) throw new Error('No delivery waits.');
  return job;
}

const deliver = async (value: unknown = { eventId: 'evt', reconciled: false }) =>
  (await reserve()).moveToCompleted(value, TOKEN, false);

const kill = async () => (await reserve()).moveToFailed(new UnrecoverableError('no'), TOKEN, false);

/** Returns the counters of a connection that are not zero, and checks that the ledger balances. */
async function counted(connection = 'acme-orders'): Promise<Record<string, number>> {
  const { rows, differences } = await reader.readLedger();
  expect(differences).toEqual([]);
  // No status is looked up here.
  const {
    connection: _,
    unknown: __,
    ...counts
  } = rows.find((row) => row.connection === connection) ?? { connection };
  return Object.fromEntries(Object.entries(counts).filter(([, number]) => number !== 0));
}

describe('the ledger', () => {
  test('counts a new delivery as accepted and any other as a duplicate, per connection', async () => {
    await enqueueGroup(queue, [
      request({ idempotencyKey: 'same' }),
      request({ idempotencyKey: 'same' }),
      request({ idempotencyKey: 'same', connection: 'other' }),
      request({}, { priority: 7 }),
    ]);
    await enqueue({ idempotencyKey: 'same' });
    expect(await counted()).toEqual({ accepted: 2, duplicates: 2, pending: 2 });
    expect(await counted('other')).toEqual({ accepted: 1, pending: 1 });
    expect(await queue.getCountsPerPriority([0, 7])).toEqual({ 0: 2, 7: 1 });
  });

  test('counts a delivery that is enqueued again as a duplicate', async () => {
    const one = request();
    await enqueueGroup(queue, [one]);
    await enqueueGroup(queue, [one, one]);
    expect(await counted()).toEqual({ accepted: 1, duplicates: 2, pending: 1 });
  });

  test.each([
    ['delivered', { eventId: 'evt', reconciled: false }, { delivered: 1 }],
    ['delivered and reconciled', { eventId: 'evt', reconciled: true }, { delivered: 1, reconciled: 1 }],
    ['recorded', { recorded: true }, { recorded: 1 }],
    ['a completed erasure', { removed: 3 }, { recorded: 1 }],
    ['an unknown result', null, { recorded: 1 }],
    ['false', false, { recorded: 1 }],
  ])('counts a completed delivery by its result: %s', async (_name, value, counts) => {
    await enqueue();
    await deliver(value);
    expect(await counted()).toEqual({ accepted: 1, ...counts });
  });

  test('counts completed deliveries whose job is removed or trimmed', async () => {
    await enqueue();
    const job = await reserve();
    job.opts.removeOnComplete = true;
    await job.moveToCompleted({ eventId: 'evt', reconciled: false }, TOKEN, false);
    for (let number = 0; number < 5; number++) {
      await enqueue();
      await deliver();
    }
    expect(await queue.getCompletedCount()).toBe(3);
    expect(await counted()).toEqual({ accepted: 6, delivered: 6 });
  });

  test('counts a delivery that is retried as pending, and one that failed for good as dead', async () => {
    await enqueue();
    await (await reserve()).moveToFailed(new Error('later'), TOKEN, false);
    expect(await counted()).toEqual({ accepted: 1, pending: 1 });
    await enqueue();
    await kill();
    expect(await counted()).toEqual({ accepted: 2, pending: 1, dead: 1 });
  });

  test('counts a delivery that is completed while the next is reserved in the same step', async () => {
    await enqueue({ connection: 'first' });
    await enqueue({ connection: 'second' });
    const next = await (await reserve()).moveToCompleted({ eventId: 'evt' }, TOKEN, true);
    expect(next).toMatchObject([{ data: expect.stringContaining('second') }, expect.anything(), 0, 0]);
    expect(await counted('first')).toEqual({ accepted: 1, delivered: 1 });
    expect(await counted('second')).toEqual({ accepted: 1, pending: 1 });
  });

  test('counts a replayed dead letter as pending, and as dead if it dies again', async () => {
    const id = await enqueue();
    await kill();
    await (await queue.getJob(id))?.retry('failed', { resetAttemptsMade: true });
    expect(await counted()).toEqual({ accepted: 1, replayed: 1, pending: 1 });
    await kill();
    expect(await counted()).toEqual({ accepted: 1, replayed: 1, dead: 1 });
    await (await queue.getJob(id))?.retry('failed');
    await deliver();
    expect(await counted()).toEqual({ accepted: 1, replayed: 2, delivered: 1 });
  });

  test('is unchanged by a replay of a delivery that is not dead', async () => {
    const id = await enqueue();
    const job = await queue.getJob(id);
    await expect(job?.retry('failed')).rejects.toThrow('is not in the failed state');
    await deliver();
    await expect(job?.retry('completed')).rejects.toThrow('Only a dead letter can be replayed');
    expect(await counted()).toEqual({ accepted: 1, delivered: 1 });
  });

  test('counts the removal of pending and dead deliveries, and reports what each was', async () => {
    const backend = queue.getBackend();
    const [delivered, dead, active] = [await enqueue(), await enqueue(), await enqueue()];
    await deliver();
    await kill();
    await reserve();
    const retried = await enqueue();
    await (await reserve()).moveToFailed(new Error('later'), TOKEN, false);
    const [waiting, prioritized] = [await enqueue(), await enqueue({}, { priority: 3 })];
    const remove = async (id: string) => [
      await backend.removeAs(id, 'erased'),
      await backend.removeAs(id, 'erased'),
    ];
    expect(await remove(delivered)).toEqual(['delivered', 'gone']);
    expect(await remove(dead)).toEqual(['dead', 'gone']);
    expect(await remove(active)).toEqual(['locked', 'locked']);
    expect(await remove(retried)).toEqual(['pending', 'gone']);
    expect(await remove(waiting)).toEqual(['pending', 'gone']);
    expect(await remove(prioritized)).toEqual(['pending', 'gone']);
    expect(await counted()).toEqual({ accepted: 6, delivered: 1, erased: 4, pending: 1 });
  });

  test('counts nothing for the removal of a delivery that had failed and was delivered', async () => {
    const id = await enqueue();
    await (await reserve()).moveToFailed(new Error('later'), TOKEN, false);
    await queue.getJob(id).then((job) => job?.promote());
    await deliver();
    expect(await queue.getBackend().removeAs(id, 'erased')).toBe('delivered');
    expect(await counted()).toEqual({ accepted: 1, delivered: 1 });
  });

  test('refuses operations that do not keep it', async () => {
    await enqueue();
    await expect(queue.remove('dlv_x')).rejects.toThrow('removeAs');
    await expect(queue.drain()).rejects.toThrow('does not keep the ledger');
    await expect(queue.clean(0, 10, 'failed')).rejects.toThrow('does not keep the ledger');
    await expect(queue.retryJobs()).rejects.toThrow('does not keep the ledger');
    await expect(queue.obliterate({ force: true })).rejects.toThrow('does not keep the ledger');
    expect(await counted()).toEqual({ accepted: 1, pending: 1 });
  });
});

describe('a delivery that is processed twice', () => {
  test('is counted once: the worker that lost its lock changes nothing', async () => {
    const id = await enqueue();
    const lost = await reserve('first');
    await redis.del(`${PREFIX}:deliveries:${id}:lock`);
    const backend = taker.getBackend();
    // The first check marks active jobs, the second finds the one without a lock.
    for (let check = 0; check < 2; check++) {
      await redis.del(`${PREFIX}:deliveries:stalled-check`);
      await backend.moveStalledJobsToWait();
    }
    const again = await reserve('second');
    expect(again.id).toBe(id);
    await expect(lost.moveToCompleted({ eventId: 'evt' }, 'first', false)).rejects.toThrow('Lock mismatch');
    await again.moveToCompleted({ eventId: 'evt' }, 'second', false);
    await expect(lost.moveToFailed(new UnrecoverableError('no'), 'first', false)).rejects.toThrow('lock');
    expect(await counted()).toEqual({ accepted: 1, delivered: 1 });
  });

  test('is dead once if it stalled too often', async () => {
    const id = await enqueue();
    await reserve();
    await redis.del(`${PREFIX}:deliveries:${id}:lock`);
    const worker = new Worker(
      QUEUE_NAME,
      async () => ({ eventId: 'evt', reconciled: false }),
      { connection: { url: server.url }, prefix: PREFIX, stalledInterval: 50, maxStalledCount: 0 },
      createDeliveryBackend,
    );
    await new Promise((resolve) => worker.on('failed', resolve));
    await worker.close();
    expect(await counted()).toEqual({ accepted: 1, dead: 1 });
  });
});
