import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { freePort, type RunningApp, type RunningRedis, startApp, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { order } from './test-support/signed-orders.ts';

const CONNECTIONS = new URL('../../../config/connections.demo.yaml', import.meta.url).pathname;

// Starting a process takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let redis: RunningRedis;
let ingest: RunningApp | undefined;

beforeAll(async () => {
  redis = await startRedis({ own: true });
});

afterEach(() => {
  ingest?.signal('SIGKILL');
});

afterAll(() => redis.stop());

async function start(env: Record<string, string> = {}): Promise<RunningApp> {
  ingest = await startApp('ingest', {
    env: {
      REDIS_URL: redis.url,
      SLUICE_CONNECTIONS: CONNECTIONS,
      SLUICE_INGEST_PORT: '0',
      SLUICE_INGEST_METRICS_PORT: String(await freePort()),
      ...env,
    },
  });
  return ingest;
}

/** Sends all but the last byte of a webhook over a keep-alive connection, and reads the response. */
async function beginWebhook({ url }: RunningApp) {
  const { headers, body } = order('shopify-demo-secret');
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST /webhooks/demo-shopify HTTP/1.1\r\nHost: x\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
  socket.write(`${head}${lines.join('')}\r\n${body.slice(0, -1)}`);
  return { socket, response: readAll(socket), finish: () => socket.write(body.slice(-1)) };
}

async function readAll(socket: Socket): Promise<string> {
  let all = '';
  socket.on('data', (data) => {
    all += data;
  });
  await once(socket, 'close');
  return all;
}

test('on SIGTERM, finishes webhooks in flight with Connection: close, accepts no new ones, and exits', async () => {
  const app = await start();
  const webhooks = await Promise.all(Array.from({ length: 10 }, () => beginWebhook(app)));
  // A response shows that the server has seen the ten requests before it.
  expect((await fetch(`${app.url}/readyz`)).status).toBe(200);
  app.signal('SIGTERM');
  await app.lines.waitFor(({ msg }) => msg === 'shutdown.started');
  const ready = await fetch(`${String(app.ready.metricsUrl)}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([503, { ok: false, why: 'shutting down' }]);
  await expect(fetch(`${app.url}/healthz`)).rejects.toThrow();
  for (const { finish } of webhooks) finish();
  for (const response of await Promise.all(webhooks.map((webhook) => webhook.response))) {
    expect(response).toMatch(/^HTTP\/1\.1 200 /);
    expect(response.toLowerCase()).toContain('\r\nconnection: close\r\n');
  }
  expect(await app.exited).toEqual({ code: 0, signal: null });
});

test('an idle keep-alive connection does not delay the exit', async () => {
  const app = await start();
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
  expect(await app.stop()).toEqual({ code: 0, signal: null });
  socket.destroy();
});

test('closes an incomplete request at the drain deadline', async () => {
  const app = await start({ SLUICE_DRAIN_MS: '300' });
  const { response } = await beginWebhook(app);
  expect((await fetch(`${app.url}/readyz`)).status).toBe(200);
  app.signal('SIGTERM');
  expect(await app.exited).toEqual({ code: 1, signal: null });
  expect(await response).toBe('');
});

test('exits immediately on a second signal', async () => {
  const app = await start({ SLUICE_DRAIN_MS: '600000' });
  await beginWebhook(app);
  expect((await fetch(`${app.url}/readyz`)).status).toBe(200);
  app.signal('SIGTERM');
  await app.lines.waitFor(({ msg }) => msg === 'shutdown.started');
  app.signal('SIGTERM');
  expect(await app.exited).toEqual({ code: 1, signal: null });
});

test('while Redis is unresponsive, webhooks in flight get 503 before the exit', async () => {
  const app = await start();
  const webhook = await beginWebhook(app);
  expect((await fetch(`${app.url}/readyz`)).status).toBe(200);
  redis.signal('SIGSTOP');
  try {
    webhook.finish();
    app.signal('SIGTERM');
    expect(await webhook.response).toMatch(/^HTTP\/1\.1 503 /);
    expect((await app.exited).signal).toBeNull();
  } finally {
    redis.signal('SIGCONT');
  }
});
