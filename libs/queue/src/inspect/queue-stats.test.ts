import { makeDelivery, seedDeadLetters, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { createReplays, type Replays } from '../replays/replays.ts';
import { DeadRig, DIED_AT, PREFIX } from '../test-support/dead-letter-rig.ts';
import { startShardWorker } from '../worker.ts';
import {
  createQueueStats,
  type QueueStats,
  type QueueStatsReader,
  readOldestUntaken,
} from './queue-stats.ts';

const AT = 1_790_000_000_000;

let rig: DeadRig;
let figures: QueueStatsReader;
let replays: Replays;

beforeAll(async () => {
  rig = await DeadRig.open({ startRedis, makeDelivery, seedDeadLetters });
  figures = createQueueStats(rig.shards);
  replays = createReplays(rig.shards);
});

beforeEach(() => rig.redis.flushall());

afterAll(async () => {
  await rig.close();
});

async function read(): Promise<QueueStats> {
  const told = await figures.read();
  if (!told) throw new Error('Redis is away');
  return told;
}

const run = () => replays.run({ filter: {}, until: DIED_AT + 10_000 }, { who: 'ops@desk', reason: 'mended' });

/** Enqueues deliveries that were received then, the first with priority 1, the next with 2 … */
function enqueue(receivedAt: readonly number[]) {
  const requests = receivedAt.map((at, index) => ({
    delivery: makeDelivery({ receivedAt: at }),
    deduplicationWindow: 60_000,
    priority: index + 1,
  }));
  return enqueueGroup(rig.queue, requests);
}

test('the oldest is found wherever it stands in the line', async () => {
  expect((await read()).oldestUntaken).toBeUndefined();
  await enqueue([AT + 9, AT + 3, AT + 5]);
  expect((await read()).oldestUntaken).toBe(AT + 3);
});

test('what waits before all others is looked at as well', async () => {
  await enqueueGroup(rig.queue, [
    { delivery: makeDelivery({ receivedAt: AT + 1 }), deduplicationWindow: 60_000 },
  ]);
  await enqueue([AT + 9]);
  expect((await read()).oldestUntaken).toBe(AT + 1);
});

test('of a long line, the ends are looked at, and enough between to know how old it is', async () => {
  const received = Array.from({ length: 2_000 }, (_, index) => AT + 10_000 + index);
  received[1_999] = AT;
  await enqueue(received);
  expect((await read()).oldestUntaken).toBe(AT);
  received.fill(AT + 1, 900, 1_000);
  await rig.redis.flushall();
  await enqueue(received.slice(0, 1_999));
  expect((await read()).oldestUntaken).toBe(AT + 1);
});

test('what was taken before is passed over, and so are replays', async () => {
  await enqueue([AT, AT + 7]);
  const taken = await rig.take();
  await taken.moveToDelayed(Date.now() + 1_000_000, 'lock');
  await taken.promote();
  expect((await read()).oldestUntaken).toBe(AT + 7);
  await rig.redis.flushall();
  const [id = ''] = await rig.kill('acme', 1);
  expect(await figures.isReplayed(id)).toBe(false);
  await rig.place().backend.replay(id, await run());
  expect(await figures.isReplayed(id)).toBe(true);
  expect((await read()).oldestUntaken).toBeUndefined();
});

test('replays that run and are paused are counted, others are not', async () => {
  const ids = [await run(), await run(), await run()];
  await replays.pause(ids[0] ?? '', { who: 'ops@desk', reason: 'lunch' });
  await replays.cancel(ids[1] ?? '', { who: 'ops@desk', reason: 'no' });
  expect((await read()).replays).toEqual({ running: 1, paused: 1 });
});

test('Redis tells what it uses, and whether it keeps what it acknowledges', async () => {
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

test('a line of 100,000 costs Redis less than 5 ms', async () => {
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
  // Redis measures wall time, in which another process may have its core: the least of some is what it costs.
  for (let round = 0; round < 10; round++) {
    await rig.redis.config('RESETSTAT');
    expect(await readOldestUntaken(rig.redis, rig.queue.toKey(''))).toBeDefined();
    const usec = /cmdstat_eval:calls=1,usec=(\d+)/.exec(await rig.redis.info('commandstats'))?.[1];
    spent.push(Number(usec));
  }
  expect(Math.min(...spent)).toBeLessThan(5_000);
});

test('a worker that is connected is seen, and that none is', async () => {
  expect(await figures.hasWorkers()).toBe(false);
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
  await vi.waitUntil(() => figures.hasWorkers(), { timeout: 10_000 });
  await consumer.close();
  await vi.waitUntil(async () => (await figures.hasWorkers()) === false, { timeout: 10_000 });
});

test('the newest that became events, with when they came and went; not what became none or was replayed', async () => {
  expect(await figures.readNewest()).toEqual([]);
  await enqueue([AT, AT + 1, AT + 2]);
  const settle = async (settled: object) => (await rig.take()).moveToCompleted(settled, 'lock', false);
  await settle({ eventId: 'evt_1', reconciled: false });
  await settle({ recorded: true });
  const third = await rig.take();
  await rig.redis.hset(`${PREFIX}:deliveries:${third.id}`, 'sl:replay', 'rpl_1');
  await third.moveToCompleted({ eventId: 'evt_3', reconciled: false }, 'lock', false);
  expect(await figures.readNewest()).toEqual([
    { connection: makeDelivery().connection, receivedAt: AT, deliveredAt: expect.any(Number) },
  ]);
});

test('how many died since', async () => {
  await rig.kill('acme', 3);
  expect(await figures.countDeadSince(DIED_AT)).toBe(3);
  expect(await figures.countDeadSince(DIED_AT + 2)).toBe(1);
  expect(await figures.countDeadSince(DIED_AT + 3)).toBe(0);
});
