import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { z } from 'zod';
import { ConsoleRig, PREFIX } from '../test-support/console-rig.ts';
import type { overviewSchema } from './overview.ts';

type Overview = z.output<typeof overviewSchema>;

let clock = Date.now();
let rig: ConsoleRig;

beforeAll(async () => {
  rig = await ConsoleRig.open({ startRedis, makeDelivery }, { now: () => clock });
});

beforeEach(() => {
  // Long enough that no traffic of the previous test counts.
  clock = Math.max(clock, Date.now()) + 60_000;
});

afterEach(() => rig.clear());

afterAll(() => rig.close());

async function overview(after = 0): Promise<Overview> {
  clock += after;
  const { status, body, text } = await rig.get('/api/overview', { as: 'viewer' });
  expect(status, text).toBe(200);
  return body as Overview;
}

const acme = ({ connections }: Overview) => connections.find(({ id }) => id === 'acme');
const textsOf = ({ attention }: Overview) =>
  attention.map(({ severity, connection, text, to }) => [severity, connection, text, to]);

test('shows an idle queue without a worker', async () => {
  const seen = await overview();
  expect(seen).toMatchObject({
    at: clock,
    queue: { waiting: 0, active: 0, delayed: 0, dead: 0 },
    ...{ oldestWaiting: null, hasWorkers: false },
    redis: { used: expect.any(Number), limit: 0 },
    ledger: { holds: true, total: { accepted: 0, pending: 0 } },
  });
  expect(seen.since).toBeLessThanOrEqual(clock);
  expect(acme(seen)).toMatchObject({
    ...{ source: 'shopify', botId: 'bot-a', eventsPerMinute: 120, hold: null },
    ...{ pending: 0, dead: 0, drainSeconds: 0, lagMs: null, perMinute: { webhooks: 0, events: 0 } },
  });
  expect(textsOf(seen)).toEqual([
    ['page', undefined, expect.stringContaining('No worker is connected'), '/'],
  ]);
});

test('shows rates, pending deliveries and the time to deliver them', async () => {
  await overview();
  await rig.enqueue('acme', 30, { receivedAt: clock });
  const received = await overview(10_000);
  expect(acme(received)).toMatchObject({
    ...{ pending: 30, drainSeconds: null, lastSeen: clock, lagMs: null },
    perMinute: { webhooks: 30, events: 0 },
  });
  expect(received.oldestWaiting).toBeLessThanOrEqual(clock);
  rig.work();
  const delivered = await vi.waitUntil(async () => {
    const seen = await overview();
    return acme(seen)?.pending === 0 ? seen : undefined;
  }, 10_000);
  expect(acme(delivered)).toMatchObject({ drainSeconds: 0, perMinute: { webhooks: 30, events: 30 } });
  expect(acme(delivered)?.lagMs).toBeGreaterThanOrEqual(0);
  expect(acme(delivered)?.history.at(-1)).toMatchObject({ events: 30 });
  expect(delivered.ledger.total).toMatchObject({ accepted: 30, delivered: 30 });
  expect(acme(await overview(30_000))?.perMinute.events).toBe(30);
  expect(acme(await overview(30_000))?.perMinute.events).toBe(0);
});

test('shows the dead letters of the last hour with their most frequent reason', async () => {
  const [one = ''] = await rig.kill('acme', 3);
  await rig.kill('acme', 1, { reason: 'retries_exhausted' });
  expect(one).not.toBe('');
  clock = Date.now();
  const seen = await overview();
  expect(acme(seen)).toMatchObject({ dead: 4, pending: 0 });
  const dead = textsOf(seen).find(([severity]) => severity === 'ticket');
  expect(dead).toEqual([
    'ticket',
    undefined,
    expect.stringMatching(/^4 deliveries failed within the last hour, most with the reason rejected\. /),
    expect.stringMatching(/^\/dead-letters\?group=[0-9a-f]{16}$/),
  ]);
  expect(textsOf(await overview(2 * 3_600_000)).map(([severity]) => severity)).not.toContain('ticket');
});

test('orders an unbalanced ledger before a paused connection', async () => {
  await rig.post('/api/connections/other/pause', { note: 'lunch' });
  await rig.enqueue('acme', 1, { receivedAt: clock });
  await rig.redis.hincrby(`${PREFIX}:ledger`, 'acme\0accepted', 2);
  const seen = await overview();
  expect(seen.ledger.holds).toBe(false);
  expect(textsOf(seen)).toEqual([
    ['page', undefined, expect.stringContaining('No worker'), '/'],
    ['page', undefined, expect.stringContaining('does not balance'), '/'],
    ['note', 'other', 'Paused by an operator: lunch. Waiting deliveries: 0.', '/connections?open=other'],
  ]);
});

test('shows a delivery that waits too long for a worker', async () => {
  await rig.enqueue('acme', 1, { receivedAt: clock - 301_000 });
  expect(textsOf(await overview())).toContainEqual([
    'page',
    undefined,
    expect.stringContaining('A delivery has waited 301 s'),
    '/connections',
  ]);
});
