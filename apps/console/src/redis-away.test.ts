import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { operations } from './operations/all-operations.ts';
import { ConsoleRig } from './test-support/console-rig.ts';

let rig: ConsoleRig;

beforeAll(async () => {
  rig = await ConsoleRig.open({ startRedis, makeDelivery });
});

afterAll(() => rig.close());

/** What asks Redis; the others answer as ever. */
const WITHOUT: ReadonlySet<string> = new Set(['/me', '/settings', '/openapi.json']);
const asking = operations.filter(({ path }) => !WITHOUT.has(path));

const idFor = (path: string) => {
  if (path.startsWith('/replays')) return 'rpl_1';
  return path.startsWith('/deliveries') ? 'dlv_1' : 'acme';
};

/** What each operation takes, besides a note. */
const BODIES: Readonly<Record<string, object>> = {
  '/replays/plan': { filter: {} },
  '/replays': { all: true, note: 'x' },
  '/dead-letters/try': { filter: {} },
  '/dead-letters/edit': { all: true, note: 'x', patch: [{ op: 'remove', path: '/id' }] },
  '/dead-letters/discard': { all: true, note: 'x' },
  '/dead-letters/restore': { all: true, note: 'x' },
};

const ask = ({ path, method, lines }: (typeof asking)[number]) => {
  const place = `/api${path.replace(':id', idFor(path))}`;
  if (method === 'get') return rig.get(path === '/deliveries' ? `${place}?find=id=1` : place);
  if (!lines) return rig.post(place, BODIES[path] ?? { note: 'x' });
  const headers = { 'content-type': 'application/x-ndjson' };
  return rig.send(place, { method: 'POST', body: '{}' }, { headers });
};

const isWell = () =>
  vi.waitFor(async () => expect((await rig.get('/api/ledger')).status).toBe(200), { timeout: 10_000 });

async function expectAway(): Promise<void> {
  for (const operation of asking) {
    const { status, headers, body } = await ask(operation);
    expect([status, headers.get('retry-after')], operation.path).toEqual([503, '5']);
    expect(body).toMatchObject({ type: 'urn:sluice:problem:unavailable', detail: 'Redis does not answer' });
  }
  expect((await rig.get('/api/me')).status).toBe(200);
  expect((await rig.get('/healthz')).status).toBe(200);
  expect(await rig.get('/readyz')).toMatchObject({ status: 503, body: { ok: false } });
}

test('a Redis that has gone is told at once; when it is back, so is the console', async () => {
  await isWell();
  rig.server.signal('SIGKILL');
  await rig.server.exited;
  await vi.waitFor(async () => expect((await rig.get('/readyz')).status).toBe(503), { timeout: 5_000 });
  await expectAway();
  await rig.server.restart();
  await isWell();
}, 40_000);

test('a Redis that is full takes no line of who looked, so nothing is revealed', async () => {
  await isWell();
  const [id] = await rig.enqueue('acme', 1, { body: '{"note":"hunter2"}' });
  await rig.redis.config('SET', 'maxmemory', '1');
  const { status, text } = await rig.get(`/api/deliveries/${id}?reveal=true`);
  const masked = await rig.get(`/api/deliveries/${id}`);
  await rig.redis.config('SET', 'maxmemory', '0');
  expect([status, masked.status]).toEqual([503, 200]);
  expect(text).not.toContain('hunter2');
}, 20_000);

test('one that takes connections and says nothing is given up after some seconds', async () => {
  await isWell();
  rig.server.signal('SIGSTOP');
  try {
    const { status } = await rig.get('/api/audit');
    expect(status).toBe(503);
  } finally {
    rig.server.signal('SIGCONT');
  }
  await isWell();
}, 40_000);
