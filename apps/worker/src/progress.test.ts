import { createQueueStats, openShards } from '@sluice/queue';
import { type Consumer, openProducer, startShardWorker } from '@sluice/queue/testing';
import { makeDelivery, type RunningRedis, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Progress, watchProgress } from './health.ts';

const MINUTE = 60_000;
const STUCK_AFTER = 4 * MINUTE;
const SOON = { timeout: 10_000 };

describe('progress by reported counts', () => {
  let clock = 0;
  let waiting: number | undefined;
  const watch = () => {
    clock = 1_000;
    return watchProgress({ countWaiting: async () => waiting, stuckAfter: STUCK_AFTER, now: () => clock });
  };
  const pass = async (progress: Progress, minutes: number) => {
    for (let minute = 0; minute < minutes; minute++) {
      clock += MINUTE;
      await progress.check();
    }
  };

  test('an empty queue counts as progress for days', async () => {
    waiting = 0;
    const progress = watch();
    await pass(progress, 5_000);
    expect(progress.health()).toEqual({ ok: true });
  });

  test('a delivery that arrives just before a check does not count as stuck; one that waits the whole time does', async () => {
    waiting = 0;
    const progress = watch();
    await pass(progress, 10);
    waiting = 3;
    await pass(progress, 3);
    expect(progress.health()).toEqual({ ok: true });
    await pass(progress, 1);
    expect(progress.health()).toEqual({
      ok: false,
      why: 'no progress for 240 s while 3 deliveries wait',
    });
    progress.record();
    expect(progress.health()).toEqual({ ok: true });
  });

  test('an unreachable Redis counts as progress, and the time restarts when it is back', async () => {
    waiting = 3;
    const progress = watch();
    await pass(progress, 3);
    waiting = undefined;
    await pass(progress, 30);
    waiting = 3;
    await pass(progress, 3);
    expect(progress.health()).toEqual({ ok: true });
    await pass(progress, 1);
    expect(progress.health()).toMatchObject({ ok: false });
  });
});

describe('progress of a real queue', () => {
  let redis: RunningRedis;
  let consumer: Consumer;

  beforeAll(async () => {
    redis = await startRedis({ own: true });
  });

  afterAll(async () => {
    await consumer.close();
    await redis.stop();
  });

  test('a worker with every slot blocked by an endless attempt is stuck until one ends', async () => {
    let clock = 0;
    const place = { prefix: '{sluice}', onError: () => {} };
    const shards = openShards({ ...place, url: redis.url, name: 'test' });
    const stats = createQueueStats(shards);
    const countWaiting = () => stats.countWaiting(place.prefix);
    const progress = watchProgress({ countWaiting, stuckAfter: STUCK_AFTER, now: () => clock });
    const endings: (() => void)[] = [];
    consumer = startShardWorker({
      ...place,
      redisUrl: redis.url,
      concurrency: 2,
      lockDuration: 30_000,
      stalledInterval: 30_000,
      keepDelivered: 0,
      process: async () => {
        progress.record();
        await new Promise<void>((resolve) => endings.push(resolve));
        progress.record();
        return { kind: 'delivered', eventId: 'evt_1', reconciled: false };
      },
    });
    await enqueue(redis.url, 5);
    await vi.waitUntil(async () => endings.length === 2 && (await countWaiting()) === 3, SOON);
    clock += STUCK_AFTER;
    await progress.check();
    expect(progress.health()).toMatchObject({
      ok: false,
      why: expect.stringMatching(/while 3 deliveries wait$/),
    });
    endings[0]?.();
    await vi.waitUntil(() => endings.length === 3, SOON);
    expect(progress.health()).toEqual({ ok: true });
    for (const end of endings) end();
    await vi.waitUntil(() => endings.length === 5, SOON);
    for (const end of endings) end();
    await vi.waitUntil(async () => (await countWaiting()) === 0, SOON);
    clock += STUCK_AFTER;
    await progress.check();
    expect(progress.health()).toEqual({ ok: true });
    progress.close();
    await shards.close();
  });
});

/** Enqueues `count` deliveries of one connection: the first ahead of all others, the rest by backlog priority. */
async function enqueue(redisUrl: string, count: number): Promise<void> {
  const producer = openProducer({
    redisUrl,
    prefix: '{sluice}',
    deadline: 5_000,
    maxPending: 100,
    maxPendingBytes: 1e7,
    maxBacklog: 1_000,
    memoryWatermarkPercent: 100,
    onShedding: () => {},
    onError: () => {},
  });
  await producer.reached;
  await producer.enqueuer.enqueue(
    Array.from({ length: count }, (_, priority) => ({
      delivery: makeDelivery({ connection: 'acme' }),
      deduplicationWindow: 60_000,
      priority,
    })),
  );
  await producer.close();
}
