import { freePort, startApp, startRedis } from '@sluice/testing';
import { expect, test, vi } from 'vitest';

const CONNECTIONS = new URL('../config/connections.demo.yaml', import.meta.url).pathname;

const start = (redisUrl: string, env: Readonly<Record<string, string>> = {}) =>
  startApp('ingest', {
    env: {
      REDIS_URL: redisUrl,
      SLUICE_CONNECTIONS: CONNECTIONS,
      SLUICE_INGEST_PORT: '0',
      SLUICE_INGEST_METRICS_PORT: '0',
      SLUICE_ENQUEUE_DEADLINE_MS: '500',
      ...env,
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

test('several processes share the port, each with metrics of its own, and one that dies is started anew', async () => {
  const redis = await startRedis({ own: true });
  const ingest = await start(redis.url, { SLUICE_INGEST_PROCESSES: '2' });
  const listening = () => ingest.lines.seen.filter(({ msg }) => msg === 'ingest listening');
  await vi.waitFor(() => expect(listening()).toHaveLength(2), { timeout: 30_000 });
  expect(new Set(listening().map(({ url }) => url))).toEqual(new Set([ingest.url]));
  expect(new Set(listening().map(({ metricsUrl }) => metricsUrl)).size).toBe(2);
  const started = await ingest.lines.waitFor(({ msg }) => msg === 'process started');
  process.kill(Number(started.pid), 'SIGKILL');
  await ingest.lines.waitFor(({ msg }) => msg === 'process died: starting another');
  // The other one answers meanwhile.
  expect((await fetch(`${ingest.url}/readyz`)).status).toBe(200);
  await vi.waitFor(() => expect(listening()).toHaveLength(3), { timeout: 30_000 });
  expect(await ingest.stop()).toEqual({ code: 0, signal: null });
  expect(ingest.lines.seen.filter(({ msg }) => msg === 'drained')).toHaveLength(2);
  await redis.stop();
});

test('processes that cannot start end them all, with what they have to say', async () => {
  const starting = start('redis://127.0.0.1:1', {
    SLUICE_INGEST_PROCESSES: '2',
    SLUICE_CONNECTIONS: '/nowhere',
  });
  await expect(starting).rejects.toThrow(/nowhere/);
});
