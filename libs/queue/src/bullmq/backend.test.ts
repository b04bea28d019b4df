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

async function take(token = TOKEN): Promise<Job> {
  const job = await taker.getNextJob(token);
  if (!job) throw new Error('nothing waits');
  return job;
}

const deliver = async (value: unknown = { eventId: 'evt', reconciled: false }) =>
  (await take()).moveToCompleted(value, TOKEN, false);

const kill = async () => (await take()).moveToFailed(new UnrecoverableError('no'), TOKEN, false);

/** The counters that are not zero of a connection; that the ledger holds is looked at each time. */
async function counted(connection = 'acme-orders'): Promise<Record<string, number>> {
  const { rows, differences } = await reader.readLedger();
  expect(differences).toEqual([]);
  const { connection: _, ...counts } = rows.find((row) => row.connection === connection) ?? { connection };
  return Object.fromEntries(Object.entries(counts).filter(([, number]) => number !== 0));
}

describe('what moves the counters', () => {
  test('a delivery that is new is accepted, one that is not is a duplicate, each of its connection', async () => {
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

  test('the very same delivery, enqueued again, is not accepted twice', async () => {
    const one = request();
    await enqueueGroup(queue, [one]);
    await enqueueGroup(queue, [one, one]);
    expect(await counted()).toEqual({ accepted: 1, duplicates: 2, pending: 1 });
  });

  test.each([
    ['delivered', { eventId: 'evt', reconciled: false }, { delivered: 1 }],
    ['delivered and reconciled', { eventId: 'evt', reconciled: true }, { delivered: 1, reconciled: 1 }],
    ['recorded', { recorded: true }, { recorded: 1 }],
    ['an erasure that is done', { removed: 3 }, { recorded: 1 }],
    ['nothing that we know', null, { recorded: 1 }],
    ['false', false, { recorded: 1 }],
  ])('a completed one counts by what it came to: %s', async (_name, value, counts) => {
    await enqueue();
    await deliver(value);
    expect(await counted()).toEqual({ accepted: 1, ...counts });
  });

  test('one that leaves nothing of itself counts as well, and what is trimmed stays counted', async () => {
    await enqueue();
    const job = await take();
    job.opts.removeOnComplete = true;
    await job.moveToCompleted({ eventId: 'evt', reconciled: false }, TOKEN, false);
    for (let number = 0; number < 5; number++) {
      await enqueue();
      await deliver();
    }
    expect(await queue.getCompletedCount()).toBe(3);
    expect(await counted()).toEqual({ accepted: 6, delivered: 6 });
  });

  test('one that is to be tried again is pending, one that failed for good is dead', async () => {
    await enqueue();
    await (await take()).moveToFailed(new Error('later'), TOKEN, false);
    expect(await counted()).toEqual({ accepted: 1, pending: 1 });
    await enqueue();
    await kill();
    expect(await counted()).toEqual({ accepted: 2, pending: 1, dead: 1 });
  });

  test('one that is completed while the next is taken in the same step', async () => {
    await enqueue({ connection: 'first' });
    await enqueue({ connection: 'second' });
    const next = await (await take()).moveToCompleted({ eventId: 'evt' }, TOKEN, true);
    expect(next).toMatchObject([{ data: expect.stringContaining('second') }, expect.anything(), 0, 0]);
    expect(await counted('first')).toEqual({ accepted: 1, delivered: 1 });
    expect(await counted('second')).toEqual({ accepted: 1, pending: 1 });
  });

  test('a replayed dead letter is pending again, and may die again', async () => {
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

  test('a replay of what is not dead changes nothing', async () => {
    const id = await enqueue();
    const job = await queue.getJob(id);
    await expect(job?.retry('failed')).rejects.toThrow('is not in the failed state');
    await deliver();
    await expect(job?.retry('completed')).rejects.toThrow('Only a dead letter can be replayed');
    expect(await counted()).toEqual({ accepted: 1, delivered: 1 });
  });

  test('a removal counts what was owed, and says what it was', async () => {
    const backend = queue.getBackend();
    const [delivered, dead, active] = [await enqueue(), await enqueue(), await enqueue()];
    await deliver();
    await kill();
    await take();
    const retried = await enqueue();
    await (await take()).moveToFailed(new Error('later'), TOKEN, false);
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

  test('a delivered one that had failed before is removed as delivered', async () => {
    const id = await enqueue();
    await (await take()).moveToFailed(new Error('later'), TOKEN, false);
    await queue.getJob(id).then((job) => job?.promote());
    await deliver();
    expect(await queue.getBackend().removeAs(id, 'erased')).toBe('delivered');
    expect(await counted()).toEqual({ accepted: 1, delivered: 1 });
  });

  test('what would go by the counters is refused', async () => {
    await enqueue();
    await expect(queue.remove('dlv_x')).rejects.toThrow('removeAs');
    await expect(queue.drain()).rejects.toThrow('does not keep the ledger');
    await expect(queue.clean(0, 10, 'failed')).rejects.toThrow('does not keep the ledger');
    await expect(queue.retryJobs()).rejects.toThrow('does not keep the ledger');
    await expect(queue.obliterate({ force: true })).rejects.toThrow('does not keep the ledger');
    expect(await counted()).toEqual({ accepted: 1, pending: 1 });
  });
});

describe('twice is once', () => {
  test('a worker that lost its delivery counts nothing of it', async () => {
    const id = await enqueue();
    const lost = await take('first');
    await redis.del(`${PREFIX}:deliveries:${id}:lock`);
    const backend = taker.getBackend();
    // The first look marks what is active, the second finds it without a lock.
    for (let look = 0; look < 2; look++) {
      await redis.del(`${PREFIX}:deliveries:stalled-check`);
      await backend.moveStalledJobsToWait();
    }
    const again = await take('second');
    expect(again.id).toBe(id);
    await expect(lost.moveToCompleted({ eventId: 'evt' }, 'first', false)).rejects.toThrow('Lock mismatch');
    await again.moveToCompleted({ eventId: 'evt' }, 'second', false);
    await expect(lost.moveToFailed(new UnrecoverableError('no'), 'first', false)).rejects.toThrow('lock');
    expect(await counted()).toEqual({ accepted: 1, delivered: 1 });
  });

  test('what stalled too often is dead once', async () => {
    const id = await enqueue();
    await take();
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
