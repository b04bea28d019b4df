import { consumeDeliveries } from '@sluice/queue';
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

const refused = (reason: string) => ingest.counted('sluice_webhooks_refused_total', { reason });

async function readiness(): Promise<{ status: number; why?: string }> {
  const answer = await fetch(`${ingest.url}/readyz`);
  const { why } = (await answer.json()) as { why?: string };
  return { status: answer.status, ...(why === undefined ? {} : { why }) };
}

const isWell = async () => (await readiness()).status === 200 && (await ingest.post(order())).status === 200;

/** Delivers what is stored, one after the other, until it is enough, and tells whose it was. */
async function deliver(isEnough: (delivered: string[]) => boolean | Promise<boolean>): Promise<string[]> {
  const delivered: string[] = [];
  const consumer = consumeDeliveries({
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

test('one that dumps its orders does not stand before the single one of another', async () => {
  for (let number = 0; number < 20; number++) await ingest.post(order());
  await ingest.post(order(), 'other');
  const delivered = await deliver(({ length }) => length >= 21);
  expect(delivered).toHaveLength(21);
  expect(delivered.indexOf('other')).toBeLessThan(2);
});

describe('frozen', () => {
  test('503 with Retry-After, more at once than may be in flight too; not ready; then well again', async () => {
    const before = await ingest.counted('sluice_webhooks_total', { result: 'unavailable' });
    redis.signal('SIGSTOP');
    try {
      const answers = await Promise.all(Array.from({ length: 80 }, () => ingest.post(order())));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
      expect(answers.every(({ headers }) => headers.get('retry-after') === '5')).toBe(true);
      expect(await ingest.counted('sluice_webhooks_total', { result: 'unavailable' })).toBe(before + 80);
      expect(await ingest.counted('sluice_webhooks_refused_total')).toBe(before + 80);
      await vi.waitUntil(async () => (await readiness()).status === 503, SOON);
      expect(await readiness()).toEqual({ status: 503, why: 'Redis does not answer' });
    } finally {
      redis.signal('SIGCONT');
    }
    await vi.waitUntil(isWell, SOON);
  });
});

describe('killed', () => {
  test('readiness tells, liveness stays, webhooks get 503; all is well after its restart', async () => {
    const before = await refused('away');
    redis.signal('SIGKILL');
    await redis.exited;
    await vi.waitUntil(async () => (await readiness()).status === 503, SOON);
    expect(await readiness()).toEqual({ status: 503, why: 'Redis is not reachable' });
    expect((await fetch(`${ingest.url}/healthz`)).status).toBe(200);
    expect(await ingest.post(order())).toMatchObject({ status: 503 });
    expect(await refused('away')).toBe(before + 1);
    await redis.restart();
    await vi.waitUntil(isWell, { timeout: 10_000, interval: 20 });
  });
});

describe('too full', () => {
  test('of deliveries that wait: 503 until they are fewer; what nobody asked for is still answered', async () => {
    // Not until any 503: on a slow machine the first may be one of a Redis that answered late.
    const full = await vi.waitUntil(
      async () => {
        await ingest.post(order());
        return (await refused('backlog')) > 0 ? await readiness() : undefined;
      },
      { ...SOON, interval: 0 },
    );
    expect(full.status).toBe(503);
    expect(full.why).toMatch(/^\d+ deliveries wait$/);
    expect(await refused('backlog')).toBe(1);
    const unasked = sign('{}', { 'content-type': 'application/json', 'x-shopify-topic': 'carts/create' });
    expect(await ingest.post(unasked)).toMatchObject({ status: 200 });
    await deliver(isWell);
  });
});

test('how much Redis uses of its memory is a metric', async () => {
  await vi.waitUntil(() => ingest.producer.load(), SOON);
  expect(await ingest.registry.getSingleMetricAsString('sluice_redis_memory_ratio')).toMatch(
    /^sluice_redis_memory_ratio 0$/m,
  );
});
