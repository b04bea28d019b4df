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

test('ingest is ready once it logs that it listens', async () => {
  const redis = await startRedis({ own: true });
  const ingest = await start(redis.url);
  expect((await fetch(`${ingest.url}/readyz`)).status).toBe(200);
  await ingest.stop();
  await redis.stop();
});

test('ingest listens without Redis, is not ready, and stops on SIGTERM', async () => {
  const ingest = await start(`redis://127.0.0.1:${await freePort()}`);
  const ready = await fetch(`${ingest.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([503, { ok: false, why: 'Redis is not reachable' }]);
  expect((await fetch(`${ingest.url}/healthz`)).status).toBe(200);
  expect(await ingest.stop()).toEqual({ code: 0, signal: null });
});

/** Starts ingest with two processes that share a port, and waits until both listen. */
async function startTwo(redisUrl: string) {
  const ingest = await start(redisUrl, { SLUICE_INGEST_PROCESSES: '2' });
  const said = (msg: string) => ingest.lines.seen.filter((line) => line.msg === msg);
  const listening = (times: number) =>
    vi.waitFor(() => expect(said('ingest.started')).toHaveLength(times), { timeout: 30_000 });
  await listening(2);
  const { metricsUrl } = await ingest.lines.waitFor(({ msg }) => msg === 'ingest.cluster_started');
  return { ...ingest, said, listening, metricsUrl: String(metricsUrl) };
}

test('several processes share the port, and one that dies is restarted', async () => {
  const redis = await startRedis({ own: true });
  const ingest = await startTwo(redis.url);
  expect(new Set(ingest.said('ingest.started').map(({ url }) => url))).toEqual(new Set([ingest.url]));
  process.kill(Number(ingest.said('process.started')[0]?.pid), 'SIGKILL');
  await ingest.lines.waitFor(({ msg }) => msg === 'process.exited');
  // The other process responds meanwhile.
  expect((await fetch(`${ingest.url}/readyz`)).status).toBe(200);
  await ingest.listening(3);
  expect(await ingest.stop()).toEqual({ code: 0, signal: null });
  expect(ingest.said('shutdown.completed')).toHaveLength(2);
  await redis.stop();
});

test('several processes have one metrics and health endpoint', async () => {
  const redis = await startRedis({ own: true });
  const ingest = await startTwo(redis.url);
  const health = (path: string) => fetch(`${ingest.metricsUrl}/${path}`);
  await vi.waitFor(async () => expect((await health('readyz')).status).toBe(200), { timeout: 10_000 });
  expect((await health('startedz')).status).toBe(200);

  const WEBHOOKS = 40;
  // Separate connections: one connection goes to one process.
  const send = () =>
    fetch(`${ingest.url}/webhooks/unknown`, { method: 'POST', headers: { connection: 'close' } });
  await Promise.all(Array.from({ length: WEBHOOKS }, send));
  const metrics = await (await health('metrics')).text();
  const counts = [...metrics.matchAll(/^sluice_webhooks_total\{.*process="(\d)".*\} (\d+)$/gm)];
  expect(new Set(counts.map(([, place]) => place))).toEqual(new Set(['0', '1']));
  expect(counts.reduce((sum, [, , count]) => sum + Number(count), 0)).toBe(WEBHOOKS);
  expect(metrics.match(/^# TYPE sluice_webhooks_total /gm)).toHaveLength(1);

  expect(await ingest.stop()).toEqual({ code: 0, signal: null });
  await redis.stop();
});

test('one of several processes that hangs is killed and restarted while the other responds', async () => {
  const redis = await startRedis({ own: true });
  const ingest = await startTwo(redis.url);
  const hanging = Number(ingest.said('process.started')[1]?.pid);
  process.kill(hanging, 'SIGSTOP');
  expect(await ingest.lines.waitFor(({ msg }) => msg === 'process.unresponsive')).toMatchObject({
    process: 1,
    pid: hanging,
  });
  expect((await fetch(`${ingest.metricsUrl}/readyz`)).status).toBe(200);
  await ingest.listening(3);
  expect(await ingest.stop()).toEqual({ code: 0, signal: null });
  await redis.stop();
});

test('a process that cannot start stops all, with its error message', async () => {
  const starting = start('redis://127.0.0.1:1', {
    SLUICE_INGEST_PROCESSES: '2',
    SLUICE_CONNECTIONS: '/nowhere',
  });
  await expect(starting).rejects.toThrow(/nowhere/);
});
