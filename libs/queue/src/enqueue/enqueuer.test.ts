import { makeDelivery, type RunningRedis, startRedis, startTcpProxy } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startShardWorker } from '../worker.ts';
import { openProducer, type Producer, type ProducerOptions } from './producer.ts';

const HOUR = 3_600_000;
const KEY = '{sluice}:deliveries';

let redis: RunningRedis;
let look: Redis;
const opened: Producer[] = [];

beforeAll(async () => {
  redis = await startRedis({ own: true });
  look = new Redis(redis.url);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((producer) => producer.close()));
  await look.flushall();
});

afterAll(async () => {
  look.disconnect();
  await redis.stop();
});

async function open(options: Partial<ProducerOptions> = {}): Promise<Producer> {
  const producer = openProducer({
    redisUrl: redis.url,
    prefix: '{sluice}',
    deadline: 5_000,
    maxPending: 10_000,
    maxPendingBytes: 1e8,
    maxBacklog: 100_000,
    memoryWatermarkPercent: 85,
    onShedding: () => {},
    onError: () => {},
    ...options,
  });
  opened.push(producer);
  await vi.waitUntil(() => producer.isReady(), { timeout: 10_000, interval: 5 });
  return producer;
}

/** Delivers the given number of deliveries and returns their ids. */
async function deliverAll(count: number): Promise<string[]> {
  const delivered: string[] = [];
  const consumer = startShardWorker({
    redisUrl: redis.url,
    prefix: '{sluice}',
    concurrency: 5,
    lockDuration: 30_000,
    stalledInterval: 30_000,
    keepDelivered: 0,
    process: async ({ reading }) => {
      if (reading.ok) delivered.push(reading.delivery.id);
      return { kind: 'delivered', eventId: 'evt_1', reconciled: false };
    },
    onError: () => {},
  });
  await vi.waitUntil(() => delivered.length >= count, { timeout: 15_000, interval: 10 });
  await consumer.close();
  return delivered;
}

const request = (changes: object = {}) => ({ delivery: makeDelivery(changes), deduplicationWindow: HOUR });

describe('enqueue', () => {
  test('resolves when the complete delivery is in Redis under its own id', async () => {
    const { enqueuer } = await open();
    const { delivery } = request({ body: '{"id": 820982911946154508}', headers: { 'x-shop': 'acme' } });
    const result = await enqueuer.enqueue([{ delivery, deduplicationWindow: HOUR }]);
    expect(result).toEqual({ ok: true, enqueued: [{ id: delivery.id, duplicate: false }] });
    const stored = JSON.parse((await look.hget(`${KEY}:${delivery.id}`, 'data')) ?? '');
    expect(stored).toEqual({
      v: 1,
      key: delivery.idempotencyKey,
      connection: 'acme-orders',
      source: 'shopify',
      topic: 'orders/create',
      receivedAt: delivery.receivedAt,
      body: delivery.body,
      headers: delivery.headers,
    });
  });

  test('stores a delivery that is enqueued a hundred times at once a single time, and returns its id to every caller', async () => {
    const { enqueuer } = await open();
    const same = Array.from({ length: 100 }, () => request({ idempotencyKey: 'same' }));
    const results = await Promise.all(same.map((one) => enqueuer.enqueue([one])));
    const enqueued = results.flatMap((result) => (result.ok ? result.enqueued : []));
    expect(enqueued).toHaveLength(100);
    expect(enqueued.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(new Set(enqueued.map(({ id }) => id)).size).toBe(1);
    expect(await look.llen(`${KEY}:wait`)).toBe(1);
  });

  test('does not treat the same idempotency key of another connection as a duplicate', async () => {
    const { enqueuer } = await open();
    const result = await enqueuer.enqueue([
      request({ idempotencyKey: 'key', connection: 'a' }),
      request({ idempotencyKey: 'key', connection: 'b' }),
    ]);
    expect(result).toMatchObject({ ok: true, enqueued: [{ duplicate: false }, { duplicate: false }] });
  });

  test('returns its own ids to each concurrent call', async () => {
    const { enqueuer } = await open();
    const calls = Array.from({ length: 400 }, (_, index) =>
      Array.from({ length: index % 4 }, () => request()),
    );
    const results = await Promise.all(calls.map((call) => enqueuer.enqueue(call)));
    expect(results.map((result) => result.ok && result.enqueued.map(({ id }) => id))).toEqual(
      calls.map((call) => call.map(({ delivery }) => delivery.id)),
    );
  });

  test('never uses text of a sender as a key in Redis', async () => {
    const { enqueuer } = await open();
    const hostile = ['a:b', '{x}', '123', 'x'.repeat(10_000), 'a\r\nb', '*'];
    await enqueuer.enqueue(hostile.map((idempotencyKey) => request({ idempotencyKey })));
    const keys = await look.keys('*');
    expect(keys.filter((key) => !/^\{sluice\}:(deliveries:[\w:.-]{1,80}|ledger)$/.test(key))).toEqual([]);
    expect(await look.llen(`${KEY}:wait`)).toBe(hostile.length);
  });

  test('keeps a deduplication key for its window, together with the job', async () => {
    const { enqueuer } = await open();
    await enqueuer.enqueue([request()]);
    const [key] = await look.keys(`${KEY}:de:*`);
    const ttl = await look.pttl(key ?? '');
    expect(ttl).toBeGreaterThan(HOUR - 60_000);
    expect(ttl).toBeLessThanOrEqual(HOUR);
  });
});

test('processes the delivery with the lower priority first, regardless of arrival', async () => {
  const { enqueuer } = await open();
  const requests = [3, 1, 2].map((priority) => ({ ...request(), priority }));
  await enqueuer.enqueue(requests);
  const [third, first, second] = requests.map(({ delivery }) => delivery.id);
  expect(await look.zrange(`${KEY}:prioritized`, 0, '-1')).toEqual([first, second, third]);
});

test('counts ignored webhooks', async () => {
  const { enqueuer } = await open();
  enqueuer.countIgnored('acme-orders', 2);
  enqueuer.countIgnored('acme-orders', 3);
  await vi.waitUntil(async () => (await look.hget('{sluice}:ledger', 'acme-orders\0ignored')) === '5', {
    timeout: 10_000,
    interval: 20,
  });
});

test('counts a delivery as stored only when the configured number of replicas has it', {
  timeout: 60_000,
}, async () => {
  const { enqueuer } = await open({ waitReplicas: 1, deadline: 2_000 });
  const first = request({ idempotencyKey: 'replicated' });
  const alone = await enqueuer.enqueue([first]);
  expect(alone).toMatchObject({
    ok: false,
    why: expect.stringMatching(/^Only 0 of 1 replicas have the delivery/),
  });
  // Without this the primary waits 5 s for more replicas.
  await look.config('SET', 'repl-diskless-sync-delay', '0');
  const replica = await startRedis({ own: true, args: ['--replicaof', '127.0.0.1', String(redis.port)] });
  const stored = await vi.waitUntil(
    async () => {
      const result = await enqueuer.enqueue([request({ idempotencyKey: 'replicated' })]);
      return result.ok && result;
    },
    { timeout: 30_000, interval: 20 },
  );
  expect(stored.enqueued).toEqual([{ id: first.delivery.id, duplicate: true }]);
  const there = new Redis(replica.url);
  expect(await there.exists(`${KEY}:${first.delivery.id}`)).toBe(1);
  there.disconnect();
  await replica.stop();
});

describe('failures of Redis', () => {
  test('while Redis is frozen, enqueues fail at the deadline, are rejected at once above the limit, and succeed after it thaws', async () => {
    const { enqueuer } = await open({ deadline: 200, maxPending: 10 });
    redis.signal('SIGSTOP');
    try {
      const late = await Promise.all(Array.from({ length: 20 }, () => enqueuer.enqueue([request()])));
      expect(late).toEqual(
        Array.from({ length: 20 }, () => ({
          ok: false,
          reason: 'late',
          why: 'no answer from Redis within 200 ms',
        })),
      );
      // A read of the load may have come first.
      expect(await enqueuer.enqueue([request()])).toMatchObject({
        ok: false,
        reason: expect.stringMatching(/^(congested|silent)$/),
      });
    } finally {
      redis.signal('SIGCONT');
    }
    const recovered = await vi.waitUntil(
      async () => {
        const result = await enqueuer.enqueue([request()]);
        return result.ok && result;
      },
      { timeout: 15_000, interval: 20 },
    );
    expect(recovered.enqueued[0]?.duplicate).toBe(false);
  });

  test('a resend of an enqueue that failed at the deadline is a duplicate if the delivery was stored', async () => {
    const { enqueuer } = await open({ deadline: 100 });
    const first = request({ idempotencyKey: 'late' });
    redis.signal('SIGSTOP');
    const given = await enqueuer.enqueue([first]);
    redis.signal('SIGCONT');
    expect(given.ok).toBe(false);
    const resent = await vi.waitUntil(
      async () => {
        const result = await enqueuer.enqueue([request({ idempotencyKey: 'late' })]);
        return result.ok && result;
      },
      { timeout: 15_000, interval: 20 },
    );
    expect(resent.enqueued).toEqual([{ id: first.delivery.id, duplicate: true }]);
    expect(await look.llen(`${KEY}:wait`)).toBe(1);
  });

  test('when Redis is full, enqueues are rejected and accepted deliveries are delivered once there is room', async () => {
    const { enqueuer, isReady } = await open();
    const before = await enqueuer.enqueue(Array.from({ length: 20 }, () => request()));
    await look.config('SET', 'maxmemory', '1mb');
    try {
      const result = await enqueuer.enqueue([request({ body: JSON.stringify('x'.repeat(100_000)) })]);
      expect(result).toMatchObject({ ok: false, reason: 'memory' });
    } finally {
      await look.config('SET', 'maxmemory', '0');
    }
    await vi.waitUntil(isReady, { timeout: 10_000, interval: 5 });
    const after = await enqueuer.enqueue([request()]);
    const accepted = [before, after].flatMap((result) => (result.ok ? result.enqueued : []));
    expect(accepted).toHaveLength(21);
    expect((await deliverAll(accepted.length)).sort()).toEqual(accepted.map(({ id }) => id).sort());
  });

  test('when Redis is down at the start, enqueues are rejected at once and succeed after Redis has started', async () => {
    const later = await startRedis({ own: true });
    const { url } = later;
    later.signal('SIGKILL');
    await later.exited;
    const producer = openProducer({
      redisUrl: url,
      prefix: '{sluice}',
      deadline: 2_000,
      maxPending: 10,
      maxPendingBytes: 1e6,
      maxBacklog: 100_000,
      memoryWatermarkPercent: 85,
      onShedding: () => {},
      onError: () => {},
    });
    opened.push(producer);
    expect(await producer.enqueuer.enqueue([request()])).toEqual({
      ok: false,
      reason: 'away',
      why: 'Redis is not reachable',
    });
    expect(producer.isReady()).toBe(false);
    await later.restart();
    await vi.waitUntil(() => producer.isReady(), { timeout: 10_000, interval: 5 });
    expect(await producer.enqueuer.enqueue([request()])).toMatchObject({ ok: true });
    await later.stop();
  });

  test('acknowledged deliveries survive a kill and restart of Redis', async () => {
    const { enqueuer } = await open();
    const { delivery } = request();
    await enqueuer.enqueue([{ delivery, deduplicationWindow: HOUR }]);
    redis.signal('SIGKILL');
    await redis.exited;
    await redis.restart();
    await vi.waitUntil(async () => (await enqueuer.enqueue([request()])).ok, {
      timeout: 15_000,
      interval: 20,
    });
    expect(await look.exists(`${KEY}:${delivery.id}`)).toBe(1);
    const resent = await enqueuer.enqueue([request({ idempotencyKey: delivery.idempotencyKey })]);
    expect(resent).toMatchObject({ ok: true, enqueued: [{ id: delivery.id, duplicate: true }] });
  });

  // A silent connection is closed after 8 s, and the next one is opened at most 2 s later.
  test('a half-open connection rejects enqueues and recovers soon after the network does', {
    timeout: 60_000,
  }, async () => {
    const proxy = await startTcpProxy(redis.port);
    const { enqueuer, isReady } = await open({ redisUrl: `redis://127.0.0.1:${proxy.port}`, deadline: 500 });
    const before = await enqueuer.enqueue([request()]);
    expect(before.ok).toBe(true);
    proxy.blackHole();
    expect(await enqueuer.enqueue([request()])).toMatchObject({ ok: false });
    await vi.waitUntil(() => !isReady(), { timeout: 5_000, interval: 5 });
    proxy.restore();
    const restored = performance.now();
    const after = await vi.waitUntil(
      async () => {
        const result = await enqueuer.enqueue([request()]);
        return result.ok && result;
      },
      { timeout: 40_000, interval: 50 },
    );
    const took = performance.now() - restored;
    expect(took).toBeLessThan(20_000);
    process.stdout.write(`redis half-open: back ${Math.round(took)} ms after the network\n`);
    const accepted = [before, after].flatMap((result) => (result.ok ? result.enqueued : []));
    expect(await deliverAll(2)).toEqual(expect.arrayContaining(accepted.map(({ id }) => id)));
    await proxy.stop();
  });
});
