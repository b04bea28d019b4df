import { freePort, startApp, startRedis } from '@sluice/testing';
import { expect, test } from 'vitest';

const CONNECTIONS = new URL('../config/connections.demo.yaml', import.meta.url).pathname;

const start = (redisUrl: string) =>
  startApp('ingest', {
    env: {
      REDIS_URL: redisUrl,
      SLUICE_CONNECTIONS: CONNECTIONS,
      SLUICE_INGEST_PORT: '0',
      SLUICE_INGEST_METRICS_PORT: '0',
      SLUICE_ENQUEUE_DEADLINE_MS: '500',
    },
  });

test('ingest is ready when it says that it listens', async () => {
  const redis = await startRedis({ own: true });
  const ingest = await start(redis.url);
  expect((await fetch(`${ingest.url}/readyz`)).status).toBe(200);
  await ingest.stop();
  await redis.stop();
});

test('without a Redis it listens all the same, tells that it is not ready, and stops when told to', async () => {
  const ingest = await start(`redis://127.0.0.1:${await freePort()}`);
  const ready = await fetch(`${ingest.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([503, { ok: false, why: 'Redis is not reachable' }]);
  expect((await fetch(`${ingest.url}/healthz`)).status).toBe(200);
  expect(await ingest.stop()).toEqual({ code: 0, signal: null });
});
