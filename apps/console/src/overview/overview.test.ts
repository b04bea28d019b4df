import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { z } from 'zod';
import { ConsoleRig, PREFIX } from '../test-support/console-rig.ts';
import type { overviewSchema } from '../views/overview.ts';

type Overview = z.output<typeof overviewSchema>;

let clock = Date.now();
let rig: ConsoleRig;

beforeAll(async () => {
  rig = await ConsoleRig.open({ startRedis, makeDelivery }, { now: () => clock });
});

beforeEach(() => {
  // Long enough that nothing of the test before counts.
  clock = Math.max(clock, Date.now()) + 60_000;
});

afterEach(() => rig.clear());

afterAll(() => rig.close());

async function look(after = 0): Promise<Overview> {
  clock += after;
  const { status, body, text } = await rig.get('/api/overview', { as: 'viewer' });
  expect(status, text).toBe(200);
  return body as Overview;
}

const acme = ({ connections }: Overview) => connections.find(({ id }) => id === 'acme');
const textsOf = ({ attention }: Overview) =>
  attention.map(({ severity, connection, text, to }) => [severity, connection, text, to]);

test('of a queue at rest, that nobody works on', async () => {
  const told = await look();
  expect(told).toMatchObject({
    at: clock,
    queue: { waiting: 0, active: 0, delayed: 0, dead: 0 },
    ...{ oldestWaiting: null, hasWorkers: false },
    redis: { used: expect.any(Number), limit: 0 },
    ledger: { holds: true, total: { accepted: 0, pending: 0 } },
  });
  expect(told.since).toBeLessThanOrEqual(clock);
  expect(acme(told)).toMatchObject({
    ...{ source: 'shopify', botId: 'bot-a', eventsPerMinute: 120, hold: null },
    ...{ pending: 0, dead: 0, drainSeconds: 0, lagMs: null, perMinute: { webhooks: 0, events: 0 } },
  });
  expect(textsOf(told)).toEqual([
    ['page', undefined, expect.stringContaining('no worker is connected'), '/'],
  ]);
});

test('what comes and what goes, and how long what waits will take', async () => {
  await look();
  await rig.enqueue('acme', 30, { receivedAt: clock });
  const come = await look(10_000);
  expect(acme(come)).toMatchObject({
    ...{ pending: 30, drainSeconds: null, lastSeen: clock, lagMs: null },
    perMinute: { webhooks: 30, events: 0 },
  });
  expect(come.oldestWaiting).toBeLessThanOrEqual(clock);
  rig.work();
  const went = await vi.waitUntil(async () => {
    const told = await look();
    return acme(told)?.pending === 0 ? told : undefined;
  }, 10_000);
  expect(acme(went)).toMatchObject({ drainSeconds: 0, perMinute: { webhooks: 30, events: 30 } });
  expect(acme(went)?.lagMs).toBeGreaterThanOrEqual(0);
  expect(acme(went)?.history.at(-1)).toMatchObject({ events: 30 });
  expect(went.ledger.total).toMatchObject({ accepted: 30, delivered: 30 });
  expect(acme(await look(30_000))?.perMinute.events).toBe(30);
  expect(acme(await look(30_000))?.perMinute.events).toBe(0);
});

test('dead letters of the last hour, by their largest cause', async () => {
  const [one = ''] = await rig.kill('acme', 3);
  await rig.kill('acme', 1, { reason: 'retries_exhausted' });
  expect(one).not.toBe('');
  clock = Date.now();
  const told = await look();
  expect(acme(told)).toMatchObject({ dead: 4, pending: 0 });
  const dead = textsOf(told).find(([severity]) => severity === 'ticket');
  expect(dead).toEqual([
    'ticket',
    undefined,
    expect.stringMatching(/^4 deliveries have died within the last hour, most of them as rejected\. /),
    expect.stringMatching(/^\/dead-letters\?group=[0-9a-f]{16}$/),
  ]);
  expect(textsOf(await look(2 * 3_600_000)).map(([severity]) => severity)).not.toContain('ticket');
});

test('a ledger that does not balance goes before what an operator holds', async () => {
  await rig.post('/api/connections/other/hold', { note: 'lunch' });
  await rig.enqueue('acme', 1, { receivedAt: clock });
  await rig.redis.hincrby(`${PREFIX}:ledger`, 'acme\0accepted', 2);
  const told = await look();
  expect(told.ledger.holds).toBe(false);
  expect(textsOf(told)).toEqual([
    ['page', undefined, expect.stringContaining('no worker'), '/'],
    ['page', undefined, expect.stringContaining('does not balance'), '/'],
    ['note', 'other', 'held by an operator: lunch; 0 wait.', '/connections?open=other'],
  ]);
});

test('what has waited too long', async () => {
  await rig.enqueue('acme', 1, { receivedAt: clock - 301_000 });
  expect(textsOf(await look())).toContainEqual([
    'page',
    undefined,
    expect.stringContaining('a delivery has waited for 301 s'),
    '/connections',
  ]);
});
