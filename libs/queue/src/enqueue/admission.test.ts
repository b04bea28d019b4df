import { makeDelivery, type RunningRedis, startRedis } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { RedisLoad } from '../bullmq/queue-load.ts';
import { LoadMonitor } from './admission.ts';
import { openProducer, type Producer, type ProducerOptions } from './producer.ts';

const KEY = '{sluice}:deliveries';
const SOON = { timeout: 10_000, interval: 10 };

let redis: RunningRedis;
let look: Redis;
let producer: Producer | undefined;
const changes: (string | undefined)[] = [];

beforeAll(async () => {
  redis = await startRedis({ own: true });
  look = new Redis(redis.url);
  look.on('error', () => {});
});

afterEach(async () => {
  await producer?.close();
  await look.config('SET', 'maxmemory', '0');
  await look.flushall();
  changes.length = 0;
});

afterAll(async () => {
  look.disconnect();
  await redis.stop();
});

async function open(options: Partial<ProducerOptions> = {}): Promise<Producer> {
  producer = openProducer({
    redisUrl: redis.url,
    prefix: '{sluice}',
    deadline: 900,
    maxPending: 10_000,
    maxPendingBytes: 1e8,
    maxBacklog: 1_000_000,
    memoryWatermarkPercent: 85,
    onShedding: (refusal) => changes.push(refusal?.reason),
    onError: () => {},
    ...options,
  });
  await producer.reached;
  return producer;
}

const request = () => ({ delivery: makeDelivery(), deduplicationWindow: 60_000 });

async function usedMemory(): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await look.info('memory'))?.[1]);
}

test('rejects enqueues above the memory watermark, before Redis is full, and accepts them again below it', async () => {
  const { enqueuer, refusal, isReady, load } = await open();
  await vi.waitUntil(load, SOON);
  expect(load()).toEqual({ memoryRatio: 0, backlog: 0 });
  await look.config('SET', 'maxmemory', Math.round((await usedMemory()) / 0.92));
  await vi.waitUntil(() => refusal()?.reason === 'memory', SOON);
  expect(await enqueuer.enqueue([request()])).toEqual({
    ok: false,
    reason: 'memory',
    why: expect.stringMatching(/^Redis uses (8[5-9]|9\d) % of its maxmemory$/),
  });
  expect(isReady()).toBe(false);
  expect(load()?.memoryRatio).toBeGreaterThan(0.85);
  expect(await look.set('others', 'can write')).toBe('OK');
  await look.config('SET', 'maxmemory', 3 * (await usedMemory()));
  await vi.waitUntil(isReady, SOON);
  expect(await enqueuer.enqueue([request()])).toMatchObject({ ok: true });
  expect(changes).toEqual(['memory', undefined]);
});

test('rejects enqueues above the backlog watermark, counting deliveries in every state before the end', async () => {
  const { enqueuer, refusal, isReady } = await open({ maxBacklog: 40 });
  await enqueuer.enqueue(Array.from({ length: 10 }, request));
  await enqueuer.enqueue(Array.from({ length: 10 }, () => ({ ...request(), priority: 5 })));
  await look.rpush(`${KEY}:active`, ...Array.from({ length: 10 }, (_, index) => `dlv_active-${index}`));
  await look.zadd(
    `${KEY}:delayed`,
    ...Array.from({ length: 11 }, (_, index) => [1, `dlv_later-${index}`]).flat(),
  );
  await vi.waitUntil(() => refusal()?.reason === 'backlog', SOON);
  expect(await enqueuer.enqueue([request()])).toEqual({
    ok: false,
    reason: 'backlog',
    why: '41 deliveries wait',
  });
  await look.del(`${KEY}:active`);
  await vi.waitUntil(isReady, SOON);
  expect(await enqueuer.enqueue([request()])).toMatchObject({ ok: true });
  expect(changes).toEqual(['backlog', undefined]);
});

test('rejects enqueues at once while Redis is frozen, and accepts them as soon as it responds', async () => {
  const { enqueuer, refusal, isReady } = await open({ deadline: 200 });
  redis.signal('SIGSTOP');
  try {
    await vi.waitUntil(() => refusal()?.reason === 'silent', SOON);
    expect(await enqueuer.enqueue([request()])).toEqual({
      ok: false,
      reason: 'silent',
      why: 'Redis does not respond',
    });
  } finally {
    redis.signal('SIGCONT');
  }
  await vi.waitUntil(isReady, SOON);
  expect(await enqueuer.enqueue([request()])).toMatchObject({ ok: true });
  expect(changes).toEqual(['silent', undefined]);
});

test('reports that Redis is unreachable, and that it is back', async () => {
  const { refusal, isReady } = await open();
  redis.signal('SIGKILL');
  await redis.exited;
  await vi.waitUntil(() => changes.length === 1, SOON);
  expect(refusal()).toEqual({ reason: 'away', why: 'Redis is not reachable' });
  await redis.restart();
  await vi.waitUntil(() => isReady() && changes.length === 2, SOON);
  expect(changes).toEqual(['away', undefined]);
});

interface PendingRead {
  readonly resolve: (load: RedisLoad) => void;
  readonly reject: (error: Error) => void;
}

function withResolvers(): PendingRead & { readonly promise: Promise<RedisLoad> } {
  let pending: PendingRead | undefined;
  const promise = new Promise<RedisLoad>((resolve, reject) => {
    pending = { resolve, reject };
  });
  return { promise, ...(pending as unknown as PendingRead) };
}

test('has at most one read in flight, and a failed read ends only the silent state', async () => {
  const reads: PendingRead[] = [];
  const changes: (string | undefined)[] = [];
  const watch = new LoadMonitor({
    memoryPercent: 85,
    maxBacklog: 10,
    deadline: 1,
    isReachable: () => true,
    read: () => {
      const { promise, ...pending } = withResolvers();
      reads.push(pending);
      return promise;
    },
    onChange: (refusal) => changes.push(refusal?.reason),
  });
  const first = watch.check();
  await watch.check();
  expect(reads).toHaveLength(1);
  reads[0]?.resolve({ memoryRatio: 0.9, backlog: 0 });
  await first;
  const second = watch.check();
  await vi.waitUntil(() => watch.refusal?.reason === 'silent', SOON);
  await watch.check();
  expect(reads).toHaveLength(2);
  reads[1]?.reject(new Error('connection broke'));
  await second;
  expect(watch.refusal?.reason).toBe('memory');
  watch.close();
  expect(changes.slice(-3)).toEqual(['memory', 'silent', 'memory']);
});
