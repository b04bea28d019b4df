import { request } from 'node:http';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../operations/index.ts';
import { ConsoleRig, TOKENS } from '../test-support/console-rig.ts';

let rig: ConsoleRig;
const more: ConsoleRig[] = [];

beforeAll(async () => {
  rig = await ConsoleRig.open({ startRedis, makeDelivery });
});

afterEach(async () => {
  await Promise.all(more.splice(0).map((one) => one.close()));
});

afterAll(() => rig.close());

async function open(options: Parameters<typeof ConsoleRig.open>[1]): Promise<ConsoleRig> {
  const opened = await ConsoleRig.open({ startRedis, makeDelivery }, { server: rig.server, ...options });
  more.push(opened);
  return opened;
}

/** The routes of all operations, with ids instead of parameters. */
const routes = operations.map(({ method, path, role }) => ({
  method,
  role,
  path: `/api${path.replace(':id', path.includes('replays') ? 'rpl_1' : path.includes('deliv') ? 'dlv_1' : 'acme')}`,
}));

const call = (path: string, method: string, as: keyof typeof TOKENS | undefined, headers = {}) =>
  method === 'get' ? rig.get(path, { as, headers }) : rig.post(path, { note: 'x' }, { as, headers });

describe('a request without a valid token', () => {
  test.each(routes)('gets a 401 for $method $path', async ({ method, path }) => {
    const { status, headers, body } = await call(path, method, undefined);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="sluice"');
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({ type: 'urn:sluice:problem:unauthenticated', status: 401 });
  });

  test('gets a 401 for metrics and unknown routes, but can read the health', async () => {
    expect((await rig.get('/metrics', { as: undefined })).status).toBe(401);
    expect((await rig.get('/api/none', { as: undefined })).status).toBe(401);
    expect(await rig.get('/healthz', { as: undefined })).toMatchObject({ status: 200, body: { ok: true } });
    expect(await rig.get('/readyz', { as: undefined })).toMatchObject({ status: 200, body: { ok: true } });
  });

  test.each([
    `Bearer ${TOKENS.operator}x`,
    `Bearer ${TOKENS.operator.slice(0, -1)}`,
    `Basic ${TOKENS.operator}`,
    TOKENS.operator,
    'Bearer ',
    `Bearer ${'x'.repeat(8_000)}`,
    `Bearer ${TOKENS.viewer} ${TOKENS.operator}`,
  ])('gets a 401 with the header %s', async (authorization) => {
    const opened = await open({});
    const answer = await opened.get('/api/me', { as: undefined, headers: { authorization } });
    expect(answer.status).toBe(401);
    expect(answer.text).not.toContain(TOKENS.operator);
  });
});

test('returns the user of a token', async () => {
  expect((await rig.get('/api/me', { as: 'viewer' })).body).toEqual({
    ...{ name: 'vera', role: 'viewer', signIn: 'token' },
  });
  expect((await rig.get('/api/me', { as: 'operator' })).body).toEqual({
    ...{ name: 'olga', role: 'operator', signIn: 'token' },
  });
});

test('rejects a viewer for every operation of operators', async () => {
  const forOperators = routes.filter(({ role }) => role === 'operator');
  expect(forOperators.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['/api/replays', '/api/replays/rpl_1/cancel', '/api/connections/acme/pause']),
  );
  for (const { method, path } of forOperators) {
    const { status, body } = await call(path, method, 'viewer');
    expect(status, path).toBe(403);
    expect(body).toMatchObject({ detail: 'Requires the role operator. vera is viewer.' });
  }
});

describe('a request from another site', () => {
  test.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }, 403],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ 'sec-fetch-site': 'none' }, 200],
  ])('with %o gets %i', async (headers, expected) => {
    expect((await rig.get('/api/me', { headers })).status).toBe(expected);
    expect((await rig.get('/healthz', { headers })).status).toBe(200);
    const replay = await rig.post('/api/replays', { all: true, note: 'x' }, { headers });
    expect(replay.status === 403).toBe(expected === 403);
  });

  test('differs from one of the own origin, and CORS is not enabled', async () => {
    const { origin } = new URL(rig.console.url);
    const answer = await rig.get('/api/me', { headers: { origin } });
    expect(answer.status).toBe(200);
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    const preflight = await rig.send(
      '/api/replays',
      { method: 'OPTIONS' },
      { headers: { origin: 'https://a.b' } },
    );
    expect(preflight.status).toBe(403);
  });
});

test('every response has headers against caching, sniffing, framing and scripts', async () => {
  for (const path of ['/api/me', '/api/none', '/healthz', '/nowhere']) {
    const { headers } = await rig.get(path);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('etag')).toBeNull();
  }
});

describe('a body', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/json',
  ])('of the type %s gets a 415', async (type) => {
    const init = { method: 'POST', body: '{"all":true,"note":"x"}' };
    const answer = await rig.send('/api/replays', init, { headers: { 'content-type': type } });
    expect(answer).toMatchObject({
      status: 415,
      body: { type: 'urn:sluice:problem:unsupported_media_type' },
    });
  });

  test('above the limit gets a 413, an invalid one a 400, and neither is quoted', async () => {
    const large = await rig.post('/api/replays', { note: 'n'.repeat(1024 * 1024), all: true });
    expect(large).toMatchObject({ status: 413, body: { type: 'urn:sluice:problem:too_large' } });
    const headers = { 'content-type': 'application/json' };
    const broken = await rig.send('/api/replays', { method: 'POST', body: '{"note":"hunter2' }, { headers });
    expect(broken).toMatchObject({
      status: 400,
      body: { detail: 'The body is incomplete or not valid JSON.' },
    });
    expect(broken.text).not.toContain('hunter2');
    const packed = { ...headers, 'content-encoding': 'gzip' };
    expect((await rig.send('/api/replays', { method: 'POST', body: 'x' }, { headers: packed })).status).toBe(
      415,
    );
    expect((await rig.send('/api/replays', { method: 'POST' })).status).toBe(415);
    expect((await rig.send('/api/replays', { method: 'POST' }, { headers })).status).toBe(400);
  });

  test('of a viewer is not read', async () => {
    const answer = await rig.post('/api/replays', 'x'.repeat(2 * 1024 * 1024), { as: 'viewer' });
    expect(answer.status).toBe(403);
  });
});

test('an unknown route and an invalid path are problems', async () => {
  expect(await rig.get('/api/none')).toMatchObject({ status: 404, body: { status: 404 } });
  expect(await rig.get('/')).toMatchObject({ status: 404 });
  expect(await rig.send('/api/me', { method: 'DELETE' })).toMatchObject({ status: 404 });
  expect(await rig.get('/api/replays/%E0%A4%A')).toMatchObject({ status: 400 });
});

describe('rate limits', () => {
  test('reject a valid token after too many failed sign-ins of its address', async () => {
    const opened = await open({ rateLimits: { failedSignIns: 5 } });
    const guess = (token: string) =>
      opened.get('/api/me', { as: undefined, headers: { authorization: `Bearer ${token}` } });
    for (let index = 0; index < 5; index++) expect((await guess(`wrong-${index}`)).status).toBe(401);
    const { status, headers, body } = await opened.get('/api/me');
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(body).toMatchObject({ type: 'urn:sluice:problem:too_many_requests' });
    expect((await opened.get('/healthz')).status).toBe(200);
  });

  test('do not count valid tokens', async () => {
    const opened = await open({ rateLimits: { failedSignIns: 2 } });
    for (let index = 0; index < 10; index++) expect((await opened.get('/api/me')).status).toBe(200);
  });

  test('reject too many requests of an address, except health checks', async () => {
    const opened = await open({ rateLimits: { requests: 3 } });
    for (let index = 0; index < 3; index++) expect((await opened.get('/api/me')).status).toBe(200);
    const { status, headers } = await opened.get('/api/me');
    expect([status, Number(headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect((await opened.get('/healthz')).status).toBe(200);
  });
});

describe('a console without tokens', () => {
  /** `fetch` does not permit a Host header. */
  const statusFor = (url: string, host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = request(`${url}/api/me`, { headers: { host } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.on('error', reject).end();
    });

  test('makes every user an operator, at host names of this machine only', async () => {
    const opened = await open({ env: { SLUICE_CONSOLE_TOKENS: '' } });
    const me = await opened.get('/api/me', { as: undefined });
    expect(me).toMatchObject({ status: 200, body: { name: 'local', role: 'operator', signIn: 'none' } });
    const signIn = await opened.post('/api/session', { token: 'any' }, { as: undefined });
    expect(signIn).toMatchObject({
      status: 409,
      body: { detail: 'This console has no tokens. Use it without signing in.' },
    });
    const { url } = opened.console;
    for (const host of ['localhost', 'LOCALHOST:3001', '127.0.0.1:80', '127.9.9.9', '[::1]:3001']) {
      expect(await statusFor(url, host), host).toBe(200);
    }
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.nip.io',
      '10.0.0.1',
      'localhost@a',
    ]) {
      expect(await statusFor(url, host), host).toBe(403);
    }
  });
});

test('metrics count requests by route and status, without values from the request', async () => {
  await rig.get('/api/replays/rpl_madeup');
  await rig.get('/api/made-up-route');
  const { status, text } = await rig.get('/metrics', { as: 'viewer' });
  expect(status).toBe(200);
  expect(text).toMatch(/sluice_console_requests_total\{route="\/api\/replays\/:id",status="404"\} \d+/);
  expect(text).toMatch(/sluice_console_requests_total\{route="none",status="404"\} \d+/);
  expect(text).toContain('process_resident_memory_bytes');
  expect(text).not.toMatch(/rpl_madeup|made-up/);
});
