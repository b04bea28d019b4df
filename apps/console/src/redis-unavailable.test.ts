import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { operations } from './operations/index.ts';
import { ConsoleRig } from './test-support/console-rig.ts';

let rig: ConsoleRig;

beforeAll(async () => {
  rig = await ConsoleRig.open({ startRedis, makeDelivery });
});

afterAll(() => rig.close());

/** Operations that do not use Redis. */
const WITHOUT_REDIS: ReadonlySet<string> = new Set(['/me', '/settings', '/openapi.json']);
const usingRedis = operations.filter(({ path }) => !WITHOUT_REDIS.has(path));

const idFor = (path: string) => {
  if (path.startsWith('/replays')) return 'rpl_1';
  return path.startsWith('/deliveries') ? 'dlv_1' : 'acme';
};

/** Bodies of operations that take more than a note. */
const BODIES: Readonly<Record<string, object>> = {
  '/replays/plan': { filter: {} },
  '/replays': { all: true, note: 'x' },
  '/dead-letters/dry-run': { filter: {} },
  '/dead-letters/edit': { all: true, note: 'x', patch: [{ op: 'remove', path: '/id' }] },
  '/dead-letters/discard': { all: true, note: 'x' },
  '/dead-letters/restore': { all: true, note: 'x' },
};

const call = ({ path, method, lines }: (typeof usingRedis)[number]) => {
  const place = `/api${path.replace(':id', idFor(path))}`;
  if (method === 'get') return rig.get(path === '/deliveries' ? `${place}?having=id=1` : place);
  if (!lines) return rig.post(place, BODIES[path] ?? { note: 'x' });
  const headers = { 'content-type': 'application/x-ndjson' };
  return rig.send(place, { method: 'POST', body: '{}' }, { headers });
};

const isHealthy = () =>
  vi.waitFor(async () => expect((await rig.get('/api/ledger')).status).toBe(200), { timeout: 10_000 });

async function expectUnavailable(): Promise<void> {
  for (const operation of usingRedis) {
    const { status, headers, body } = await call(operation);
    expect([status, headers.get('retry-after')], operation.path).toEqual([503, '5']);
    expect(body).toMatchObject({
      type: 'urn:sluice:problem:unavailable',
      detail: 'Redis does not answer. Retry in a few seconds.',
    });
  }
  expect((await rig.get('/api/me')).status).toBe(200);
  expect((await rig.get('/healthz')).status).toBe(200);
  expect(await rig.get('/readyz')).toMatchObject({ status: 503, body: { ok: false } });
}

test('returns 503 at once while Redis is down, and recovers with it', async () => {
  await isHealthy();
  rig.server.signal('SIGKILL');
  await rig.server.exited;
  await vi.waitFor(async () => expect((await rig.get('/readyz')).status).toBe(503), { timeout: 5_000 });
  await expectUnavailable();
  await rig.server.restart();
  await isHealthy();
}, 40_000);

test('reveals nothing if a full Redis accepts no audit entry', async () => {
  await isHealthy();
  const [id] = await rig.enqueue('acme', 1, { body: '{"note":"hunter2"}' });
  await rig.redis.config('SET', 'maxmemory', '1');
  const { status, text } = await rig.get(`/api/deliveries/${id}?reveal=true`);
  const masked = await rig.get(`/api/deliveries/${id}`);
  await rig.redis.config('SET', 'maxmemory', '0');
  expect([status, masked.status]).toEqual([503, 200]);
  expect(text).not.toContain('hunter2');
}, 20_000);

test('returns 503 after some seconds if Redis accepts connections but does not answer', async () => {
  await isHealthy();
  rig.server.signal('SIGSTOP');
  try {
    const { status } = await rig.get('/api/audit');
    expect(status).toBe(503);
  } finally {
    rig.server.signal('SIGCONT');
  }
  await isHealthy();
}, 40_000);
