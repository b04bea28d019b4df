import { makeDelivery, seedDeadLetters, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { createReplays, type Replays } from '../replays/replays.ts';
import { createOperatorScheduler } from '../scheduler/operator.ts';
import { park } from '../scheduler/park.ts';
import { DeadRig, DIED_AT, PREFIX } from '../test-support/dead-letter-rig.ts';
import { startShardWorker } from '../worker.ts';
import { createQueueStats, type QueueStats, type QueueStatsReader, readQueueState } from './queue-stats.ts';

const AT = 1_790_000_000_000;

let rig: DeadRig;
let stats: QueueStatsReader;
let replays: Replays;

beforeAll(async () => {
  rig = await DeadRig.open({ startRedis, makeDelivery, seedDeadLetters });
  stats = createQueueStats(rig.shards);
  replays = createReplays(rig.shards);
});

beforeEach(() => rig.redis.flushall());

afterAll(async () => {
  await rig.close();
});

async function read(): Promise<QueueStats> {
  const result = await stats.read();
  if (!result) throw new Error('Redis is down.');
  return result;
}

const run = () => replays.run({ filter: {}, until: DIED_AT + 10_000 }, { who: 'ops@desk', reason: 'fixed' });

/** Enqueues deliveries that were received at the given times, the first with priority 1, the next with 2 … */
function enqueue(receivedAt: readonly number[]) {
  const requests = receivedAt.map((at, index) => ({
    delivery: makeDelivery({ receivedAt: at }),
    deduplicationWindow: 60_000,
    priority: index + 1,
  }));
  return enqueueGroup(rig.queue, requests);
}

test('finds the oldest delivery at any position in the queue', async () => {
  expect((await read()).oldestWaiting).toBeUndefined();
  await enqueue([AT + 9, AT + 3, AT + 5]);
  expect((await read()).oldestWaiting).toBe(AT + 3);
});

test('includes deliveries without a priority', async () => {
  await enqueueGroup(rig.queue, [
    { delivery: makeDelivery({ receivedAt: AT + 1 }), deduplicationWindow: 60_000 },
  ]);
  await enqueue([AT + 9]);
  expect((await read()).oldestWaiting).toBe(AT + 1);
});

test('samples a long queue at both ends and in between', async () => {
  const received = Array.from({ length: 2_000 }, (_, index) => AT + 10_000 + index);
  received[1_999] = AT;
  await enqueue(received);
  expect((await read()).oldestWaiting).toBe(AT);
  received.fill(AT + 1, 900, 1_000);
  await rig.redis.flushall();
  await enqueue(received.slice(0, 1_999));
  expect((await read()).oldestWaiting).toBe(AT + 1);
});

test('skips deliveries that were reserved before, and replays', async () => {
  await enqueue([AT, AT + 7]);
  const reserved = await rig.take();
  await reserved.moveToDelayed(Date.now() + 1_000_000, 'lock');
  await reserved.promote();
  expect((await read()).oldestWaiting).toBe(AT + 7);
  await rig.redis.flushall();
  const [id = ''] = await rig.kill('acme', 1);
  await rig.place().backend.replay(id, await run());
  expect((await read()).oldestWaiting).toBeUndefined();
});

test('finds the oldest delivery in the queues of held connections only', async () => {
  const scheduler = createOperatorScheduler(rig.shards);
  const by = { who: 'ops@desk', reason: 'lunch' };
  const parkOne = async (connection: string, receivedAt: number) => {
    const delivery = makeDelivery({ connection, receivedAt });
    await enqueueGroup(rig.queue, [{ delivery, deduplicationWindow: 60_000 }]);
    const { id: deliveryId = '' } = await rig.take();
    const bot = { id: `bot-of-${connection}`, eventsPerMinute: 60 };
    const until = Date.now() + 60_000;
    await park(rig.place().backend, { deliveryId, lock: 'lock', until, connection, bot, share: 1 });
  };
  await parkOne('paced', AT);
  await parkOne('acme', AT + 3);
  await parkOne('acme', AT + 9);
  await parkOne('other', AT + 5);
  expect((await read()).oldestHeld).toBeUndefined();
  await scheduler.pauseConnection('other', by);
  await scheduler.pauseConnection('idle', by);
  expect((await read()).oldestHeld).toBe(AT + 5);
  await scheduler.pauseConnection('acme', by);
  expect((await read()).oldestHeld).toBe(AT + 3);
  await scheduler.resumeConnection('acme', by);
  expect((await read()).oldestHeld).toBe(AT + 5);
});

test('counts running and paused replays, and no others', async () => {
  const ids = [await run(), await run(), await run()];
  await replays.pause(ids[0] ?? '', { who: 'ops@desk', reason: 'lunch' });
  await replays.cancel(ids[1] ?? '', { who: 'ops@desk', reason: 'no' });
  expect((await read()).replays).toEqual({ running: 1, paused: 1 });
});

test('reads the memory use of Redis, and whether it persists its writes', async () => {
  await rig.redis.config('SET', 'maxmemory', '64mb');
  const { redis } = await read();
  expect(redis).toMatchObject({
    maxBytes: 64 * 1024 * 1024,
    persistence: { append_only: true, last_write: true, last_rewrite: true },
  });
  expect(redis.usedBytes).toBeGreaterThan(100_000);
  expect(redis.appendOnlyBytes).toBeGreaterThan(0);
  await rig.redis.config('SET', 'appendonly', 'no');
  expect((await read()).redis.persistence.append_only).toBe(false);
  await rig.redis.config('SET', 'appendonly', 'yes');
});

test('a queue of 100,000 deliveries costs Redis less than 5 ms', async () => {
  await enqueue(Array.from({ length: 1_000 }, (_, index) => AT + index));
  const key = rig.queue.toKey('prioritized');
  for (let from = 0; from < 100_000; from += 10_000) {
    const members = Array.from({ length: 10_000 }, (_, index) => [
      (from + index) * 2 ** 32,
      `x${from + index}`,
    ]);
    await rig.redis.zadd(key, ...members.flat());
  }
  const spent: number[] = [];
  await readQueueState(rig.place());
  // Redis measures wall time, in which another process may use its core, so the minimum counts.
  for (let round = 0; round < 10; round++) {
    await rig.redis.config('RESETSTAT');
    const { oldestWaiting, deliveries } = await readQueueState(rig.place());
    expect(oldestWaiting).toBeDefined();
    expect(deliveries.waiting).toBe(101_000);
    const usec = /cmdstat_evalsha:calls=1,usec=(\d+)/.exec(await rig.redis.info('commandstats'))?.[1];
    spent.push(Number(usec));
  }
  expect(Math.min(...spent)).toBeLessThan(5_000);
});

test('reports whether a worker is connected', async () => {
  expect(await stats.hasWorkers()).toBe(false);
  const consumer = startShardWorker({
    redisUrl: rig.url,
    prefix: PREFIX,
    concurrency: 1,
    lockDuration: 5_000,
    stalledInterval: 5_000,
    keepDelivered: 0,
    process: async () => ({ kind: 'recorded' }),
    onError: () => {},
  });
  await vi.waitUntil(() => stats.hasWorkers(), { timeout: 10_000 });
  await consumer.close();
  await vi.waitUntil(async () => (await stats.hasWorkers()) === false, { timeout: 10_000 });
});

test('returns the newest deliveries that became events with their times, without recorded and replayed ones', async () => {
  expect(await stats.readNewest()).toEqual([]);
  await enqueue([AT, AT + 1, AT + 2]);
  const complete = async (result: object) => (await rig.take()).moveToCompleted(result, 'lock', false);
  await complete({ eventId: 'evt_1', reconciled: false });
  await complete({ recorded: true });
  const third = await rig.take();
  await rig.redis.hset(`${PREFIX}:deliveries:${third.id}`, 'sl:replay', 'rpl_1');
  await third.moveToCompleted({ eventId: 'evt_3', reconciled: false }, 'lock', false);
  expect(await stats.readNewest()).toEqual([
    { connection: makeDelivery().connection, receivedAt: AT, deliveredAt: expect.any(Number) },
  ]);
});

test('counts the dead letters that died since a given time', async () => {
  await rig.kill('acme', 3);
  expect(await stats.countDeadSince(DIED_AT)).toBe(3);
  expect(await stats.countDeadSince(DIED_AT + 2)).toBe(1);
  expect(await stats.countDeadSince(DIED_AT + 3)).toBe(0);
});
