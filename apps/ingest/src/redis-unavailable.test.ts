import { startShardWorker } from '@sluice/queue/testing';
import { type RunningRedis, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { order, shopify, sign } from './test-support/signed-orders.ts';
import { startTestIngest, type TestIngest, testConnection } from './test-support/test-ingest.ts';

const SOON = { timeout: 15_000, interval: 20 };
const MAX_BACKLOG = 60;

let redis: RunningRedis;
let ingest: TestIngest;

beforeAll(async () => {
  redis = await startRedis({ own: true });
  const connections = ['acme', 'other'].map((id) =>
    testConnection(id, shopify, { limits: { eventsPerMinute: 1, share: 1 } }),
  );
  ingest = await startTestIngest(redis.url, connections, { maxBacklog: MAX_BACKLOG });
});

afterAll(async () => {
  await ingest.stop();
  await redis.stop();
});

const refused = (reason: string) => ingest.sumOf('sluice_webhooks_refused_total', { reason });

async function readiness(): Promise<{ status: number; why?: string }> {
  const response = await fetch(`${ingest.url}/readyz`);
  const { why } = (await response.json()) as { why?: string };
  return { status: response.status, ...(why === undefined ? {} : { why }) };
}

const isHealthy = async () =>
  (await readiness()).status === 200 && (await ingest.post(order())).status === 200;

/** Delivers one delivery at a time until `isEnough`, and returns their connections. */
async function deliver(isEnough: (delivered: string[]) => boolean | Promise<boolean>): Promise<string[]> {
  const delivered: string[] = [];
  const consumer = startShardWorker({
    redisUrl: redis.url,
    prefix: '{sluice}',
    concurrency: 1,
    lockDuration: 30_000,
    stalledInterval: 30_000,
    keepDelivered: 0,
    process: async ({ reading }) => {
      if (reading.ok) delivered.push(reading.delivery.connection);
      return { kind: 'delivered', eventId: 'evt_1', reconciled: false };
    },
    onError: () => {},
  });
  await vi.waitUntil(() => isEnough(delivered), SOON);
  await consumer.close();
  return delivered;
}

test('a connection with many deliveries does not delay the only delivery of another', async () => {
  for (let number = 0; number < 20; number++) await ingest.post(order());
  await ingest.post(order(), 'other');
  const delivered = await deliver(({ length }) => length >= 21);
  expect(delivered).toHaveLength(21);
  expect(delivered.indexOf('other')).toBeLessThan(2);
});

describe('unresponsive Redis', () => {
  test('gets 503 with Retry-After, also beyond the in-flight limit, fails readiness, and recovers', async () => {
    const before = await ingest.sumOf('sluice_webhooks_total', { result: 'unavailable' });
    redis.signal('SIGSTOP');
    try {
      const responses = await Promise.all(Array.from({ length: 80 }, () => ingest.post(order())));
      expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([503]));
      expect(responses.every(({ headers }) => headers.get('retry-after') === '5')).toBe(true);
      expect(await ingest.sumOf('sluice_webhooks_total', { result: 'unavailable' })).toBe(before + 80);
      expect(await ingest.sumOf('sluice_webhooks_refused_total')).toBe(before + 80);
      await vi.waitUntil(async () => (await readiness()).status === 503, SOON);
      expect(await readiness()).toEqual({ status: 503, why: 'Redis does not respond' });
    } finally {
      redis.signal('SIGCONT');
    }
    await vi.waitUntil(isHealthy, SOON);
  });
});

describe('stopped Redis', () => {
  test('fails readiness but not liveness, gets 503, and recovers after the restart', async () => {
    const before = await refused('away');
    redis.signal('SIGKILL');
    await redis.exited;
    await vi.waitUntil(async () => (await readiness()).status === 503, SOON);
    expect(await readiness()).toEqual({ status: 503, why: 'Redis is not reachable' });
    expect((await fetch(`${ingest.url}/healthz`)).status).toBe(200);
    expect(await ingest.post(order())).toMatchObject({ status: 503 });
    expect(await refused('away')).toBe(before + 1);
    await redis.restart();
    await vi.waitUntil(isHealthy, { timeout: 10_000, interval: 20 });
  });
});

describe('full backlog', () => {
  test('gets 503 until it shrinks, while webhooks for disabled topics are still acknowledged', async () => {
    // Waits for a 503 of the backlog: on a slow machine, the first 503 may be of a late Redis response.
    const unready = await vi.waitUntil(
      async () => {
        await ingest.post(order());
        return (await refused('backlog')) > 0 ? await readiness() : undefined;
      },
      { ...SOON, interval: 0 },
    );
    expect(unready.status).toBe(503);
    expect(unready.why).toMatch(/^\d+ deliveries wait$/);
    expect(await refused('backlog')).toBe(1);
    const disabledTopic = sign('{}', {
      'content-type': 'application/json',
      'x-shopify-topic': 'carts/create',
    });
    expect(await ingest.post(disabledTopic)).toMatchObject({ status: 200 });
    await deliver(isHealthy);
  });
});

test('exposes the memory ratio of Redis', async () => {
  await vi.waitUntil(() => ingest.producer.load(), SOON);
  expect(await ingest.registry.getSingleMetricAsString('sluice_redis_memory_ratio')).toMatch(
    /^sluice_redis_memory_ratio 0$/m,
  );
});
