import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ConsoleRig, TOKENS } from '../test-support/console-rig.ts';

const HOUR = 3_600_000;

let clock = 1_790_000_000_000;
let rig: ConsoleRig;
const more: ConsoleRig[] = [];

beforeAll(async () => {
  rig = await ConsoleRig.open({ startRedis, makeDelivery }, { now: () => clock });
});

afterEach(async () => {
  await Promise.all(more.splice(0).map((one) => one.close()));
});

afterAll(() => rig.close());

const anonymous = { as: undefined };
const own = (of = rig) => ({ origin: new URL(of.console.url).origin });

const signIn = (token: string, headers: Readonly<Record<string, string>> = {}, of = rig) =>
  of.post('/api/session', { token }, { ...anonymous, headers: { ...own(of), ...headers } });

/** Returns the cookie that a browser sends after signing in. */
async function cookieOf(token: string, of = rig): Promise<string> {
  const { headers } = await signIn(token, {}, of);
  return headers.get('set-cookie')?.split(';')[0] ?? '';
}

const me = (cookie: string) => rig.get('/api/me', { ...anonymous, headers: { cookie } });

describe('a sign-in', () => {
  test('sets a cookie that scripts cannot read and other sites cannot send', async () => {
    const answer = await signIn(TOKENS.viewer);
    expect(answer).toMatchObject({ status: 200, body: { name: 'vera', role: 'viewer' } });
    expect(answer.headers.get('set-cookie')).toMatch(
      /^sluice_session=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=43200$/,
    );
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.text).not.toContain(TOKENS.viewer);
  });

  test('sets a Secure cookie over HTTPS', async () => {
    const host = new URL(rig.console.url).host;
    const answer = await signIn(TOKENS.viewer, { origin: `https://${host}` });
    expect(answer.headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  test('returns the user, and gives the permissions of the role', async () => {
    const cookie = await cookieOf(TOKENS.viewer);
    expect((await me(cookie)).body).toEqual({ name: 'vera', role: 'viewer', signIn: 'token' });
    const headers = { cookie, ...own() };
    const pause = await rig.post('/api/connections/acme/pause', { note: 'x' }, { ...anonymous, headers });
    expect(pause).toMatchObject({ status: 403, body: { detail: expect.stringContaining('vera is viewer') } });
    expect((await rig.get('/metrics', { ...anonymous, headers })).status).toBe(200);
  });

  test('writes an audit entry', async () => {
    await signIn(TOKENS.operator);
    const { body } = await rig.get('/api/audit?limit=1');
    expect(body).toMatchObject({ lines: [{ action: 'sign-in', who: 'olga' }] });
  });

  test('with an invalid token sets no cookie', async () => {
    const answer = await signIn(`${TOKENS.operator}x`);
    expect(answer).toMatchObject({ status: 401, body: { type: 'urn:sluice:problem:unauthenticated' } });
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(answer.text).not.toContain(TOKENS.operator);
  });

  test.each([{}, { token: '' }, { token: 7 }, { token: 'x', role: 'operator' }, []])(
    'with the body %j is rejected',
    async (body) => {
      expect((await rig.post('/api/session', body, { ...anonymous, headers: own() })).status).toBe(400);
    },
  );

  test('is rejected after too many failures, also with a valid token', async () => {
    const opened = await ConsoleRig.open(
      { startRedis, makeDelivery },
      { server: rig.server, rateLimits: { failedSignIns: 5 } },
    );
    more.push(opened);
    const cookie = await cookieOf(TOKENS.operator, opened);
    for (let index = 0; index < 5; index++) {
      expect((await signIn(`wrong-${index}`, {}, opened)).status).toBe(401);
    }
    expect((await signIn(TOKENS.operator, {}, opened)).status).toBe(429);
    expect((await opened.get('/api/me')).status).toBe(429);
    // Users of the same proxy who are signed in keep access, and requests without a token do not count.
    expect((await opened.get('/api/me', { ...anonymous, headers: { cookie } })).status).toBe(200);
    expect((await opened.get('/api/me', anonymous)).status).toBe(401);
  });

  test('from another site is rejected', async () => {
    expect((await signIn(TOKENS.operator, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await signIn(TOKENS.operator, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });
});

describe('a session', () => {
  test('ends after twelve hours', async () => {
    const cookie = await cookieOf(TOKENS.operator);
    for (let hour = 1; hour < 12; hour++) {
      clock += HOUR;
      expect((await me(cookie)).status, `${hour} h`).toBe(200);
    }
    clock += HOUR;
    const ended = await me(cookie);
    expect(ended).toMatchObject({ status: 401, body: { detail: 'The session has ended. Sign in again.' } });
    clock -= HOUR;
    expect((await me(cookie)).status).toBe(401);
  });

  test('ends after two hours without a request', async () => {
    const cookie = await cookieOf(TOKENS.operator);
    clock += 2 * HOUR - 1;
    expect((await me(cookie)).status).toBe(200);
    clock += 2 * HOUR;
    expect((await me(cookie)).status).toBe(401);
  });

  test('ends when its user signs out', async () => {
    const cookie = await cookieOf(TOKENS.operator);
    const out = await rig.send(
      '/api/session',
      { method: 'DELETE' },
      { ...anonymous, headers: { cookie, ...own() } },
    );
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toBe(
      'sluice_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0',
    );
    expect((await me(cookie)).status).toBe(401);
    expect((await rig.send('/api/session', { method: 'DELETE' }, anonymous)).status).toBe(204);
  });

  test('ends when another session replaces it', async () => {
    const cookie = await cookieOf(TOKENS.viewer);
    expect((await signIn(TOKENS.operator, { cookie })).status).toBe(200);
    expect((await me(cookie)).status).toBe(401);
  });

  test('ends as the oldest of more than 1,000', async () => {
    const first = await cookieOf(TOKENS.operator);
    const second = await cookieOf(TOKENS.operator);
    for (let number = 0; number < 999; number++) await signIn(TOKENS.operator);
    expect([(await me(first)).status, (await me(second)).status]).toEqual([401, 200]);
  });

  test.each([
    'sluice_session=',
    `sluice_session=${'A'.repeat(43)}`,
    `sluice_session=${TOKENS.operator}`,
    'a; ;=;',
  ])('does not exist with the cookie %s', async (cookie) => {
    expect((await me(cookie)).status).toBe(401);
  });

  test('is ignored if the request has a bearer token, even an invalid one', async () => {
    const cookie = await cookieOf(TOKENS.viewer);
    expect((await rig.get('/api/me', { headers: { cookie } })).body).toMatchObject({ name: 'olga' });
    const headers = { cookie, authorization: 'Bearer wrong' };
    expect((await rig.get('/api/me', { ...anonymous, headers })).status).toBe(401);
  });
});

describe('a change by session cookie', () => {
  const pause = (cookie: string, headers: Readonly<Record<string, string>>) =>
    rig.post('/api/connections/acme/pause', { note: 'x' }, { ...anonymous, headers: { cookie, ...headers } });

  test('requires the Origin of the console', async () => {
    const cookie = await cookieOf(TOKENS.operator);
    expect((await pause(cookie, own())).status).toBe(200);
    for (const headers of [
      {},
      { 'sec-fetch-site': 'none' },
      { origin: 'null' },
      { origin: 'https://evil.example' },
      { ...own(), 'sec-fetch-site': 'same-site' },
    ] as Record<string, string>[]) {
      const answer = await pause(cookie, headers);
      expect(answer, JSON.stringify(headers)).toMatchObject({
        status: 403,
        body: { type: 'urn:sluice:problem:cross_site' },
      });
    }
    const out = await rig.send('/api/session', { method: 'DELETE' }, { ...anonymous, headers: { cookie } });
    expect([out.status, (await me(cookie)).status]).toEqual([403, 200]);
  });
});
