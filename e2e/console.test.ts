import { freePort, type RunningApp, type RunningRedis, startRedis } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startConsole } from './start-console.ts';

const CONNECTIONS = new URL('../config/connections.demo.yaml', import.meta.url).pathname;
const TOKEN = 'operator-token-of-the-console-test';

let redis: RunningRedis;
let running: RunningApp | undefined;

beforeAll(async () => {
  redis = await startRedis({ own: true });
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

afterAll(() => redis.stop());

async function start(env: Readonly<Record<string, string>> = {}): Promise<RunningApp> {
  running = await startConsole({ REDIS_URL: redis.url, SLUICE_CONNECTIONS: CONNECTIONS, ...env });
  return running;
}

const ask = (url: string, path: string, init: RequestInit = {}) =>
  fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${TOKEN}`, ...init.headers } });

test('refuses to listen on other addresses than loopback without tokens, and states the fix', async () => {
  await expect(start({ SLUICE_CONSOLE_HOST: '0.0.0.0' })).rejects.toThrow(
    /SLUICE_CONSOLE_HOST \(0\.0\.0\.0\) is reachable from other machines.* Set SLUICE_CONSOLE_TOKENS/,
  );
  const off = await start({ SLUICE_CONSOLE_HOST: '0.0.0.0', SLUICE_CONSOLE_TOKENS: `ops:operator:${TOKEN}` });
  const url = off.url.replace('0.0.0.0', '127.0.0.1');
  expect((await fetch(`${url}/api/me`)).status).toBe(401);
  expect((await ask(url, '/api/me')).status).toBe(200);
});

test('refuses to start with invalid tokens, without tokens in the error', async () => {
  const starting = start({ SLUICE_CONSOLE_TOKENS: `ops:admin:${TOKEN}` });
  const error: unknown = await starting.catch((thrown: unknown) => thrown);
  expect(String(error)).toContain('SLUICE_CONSOLE_TOKENS is invalid: entry 1 has a role');
  expect(String(error)).not.toContain(TOKEN);
});

test('logs each request with method, route, status, duration and user, without its values', async () => {
  const { url, lines } = await start({ SLUICE_CONSOLE_TOKENS: `ops:operator:${TOKEN}` });
  await ask(url, '/api/deliveries/dlv_canary?note=canary', { headers: { 'x-any': 'canary' } });
  await ask(url, '/api/canary');
  await fetch(`${url}/api/me`, { headers: { authorization: 'Bearer canary-token-that-is-wrong' } });
  const answered = (route: string, status: number) =>
    lines.waitFor(
      (line) => line.msg === 'request.completed' && line.route === route && line.status === status,
    );
  expect(await answered('/api/deliveries/:id', 404)).toMatchObject({ method: 'GET', who: 'ops' });
  expect(await answered('none', 404)).toMatchObject({ who: 'ops', ms: expect.any(Number) });
  expect(await answered('none', 401)).not.toHaveProperty('who');
  const logged = JSON.stringify(lines.seen);
  expect(logged).not.toContain('canary');
  expect(logged).not.toContain(TOKEN);
});

test('starts without Redis, reports that it is not ready, and stops on a signal', async () => {
  const { url, stop } = await start({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  const answer = await fetch(`${url}/api/replays`);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await stop()).toEqual({ code: 0, signal: null });
});

test('stops while a client watches a replay', async () => {
  const { url, stop } = await start();
  const direct = new Redis(redis.url);
  const fields = { state: 'running', who: 'x', note: 'x', filter: '{}', until: 1, createdAt: 1 };
  await direct.hset('{sluice}:replay:rpl_1', fields);
  direct.disconnect();
  const events = await fetch(`${url}/api/replays/rpl_1/events`);
  expect(events.status).toBe(200);
  const since = Date.now();
  expect(await stop()).toEqual({ code: 0, signal: null });
  expect(Date.now() - since).toBeLessThan(5_000);
  expect(await events.text()).toContain('event: progress');
});
