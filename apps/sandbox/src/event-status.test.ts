import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestSandbox, type TestSandbox } from './testing/start-test-sandbox.ts';

let sandbox: TestSandbox;
beforeEach(async () => {
  sandbox = await startTestSandbox();
});
afterEach(() => sandbox.close());

const addRule = async (rule: object) => {
  const { status, body } = await sandbox.control<{ rule: { id: string } }>('POST', '/statuses', rule);
  expect(status).toBe(201);
  return body.rule.id;
};
const create = async (payload: object = {}, type = 'a', botId = 'bot-1') =>
  (await sandbox.client({ botId }).createEvent({ type, payload: { ...payload } })).event;
const read = async (id: string) => {
  const { status, failureReason } = (await sandbox.client().getEvent({ id })).event;
  return { status, failureReason };
};

test('an event is pending when it is created and processed 200 ms later', async () => {
  const { id, status } = await create();
  expect(status).toBe('pending');
  sandbox.clock.advance(199);
  expect(await read(id)).toEqual({ status: 'pending', failureReason: null });
  sandbox.clock.advance(1);
  expect(await read(id)).toEqual({ status: 'processed', failureReason: null });
});

test('the mode statusDelayMs changes the delay of later events', async () => {
  const before = await create();
  const { body } = await sandbox.control('PATCH', '/modes', { statusDelayMs: 10_000 });
  expect(body).toMatchObject({ modes: { statusDelayMs: 10_000 } });
  const after = await create();
  sandbox.clock.advance(9_999);
  expect([(await read(before.id)).status, (await read(after.id)).status]).toEqual(['processed', 'pending']);
  sandbox.clock.advance(1);
  expect((await read(after.id)).status).toBe('processed');
  await sandbox.control('DELETE', '/modes');
  expect((await sandbox.control('GET', '/modes')).body).toMatchObject({ modes: { statusDelayMs: 200 } });
});

test('a scheduled event becomes pending when it is due, then processed', async () => {
  const client = sandbox.client();
  const byDelay = await client.createEvent({ type: 'a', payload: {}, schedule: { delay: 5_000 } });
  const dateTime = new Date(sandbox.clock.now() + 5_000).toISOString();
  const byTime = await client.createEvent({ type: 'a', payload: {}, schedule: { dateTime } });
  expect([byDelay.event.status, byTime.event.status]).toEqual(['scheduled', 'scheduled']);
  sandbox.clock.advance(5_000);
  for (const { event } of [byDelay, byTime]) expect((await read(event.id)).status).toBe('pending');
  sandbox.clock.advance(200);
  for (const { event } of [byDelay, byTime]) expect((await read(event.id)).status).toBe('processed');
});

test('rules fail 50 and ignore 50 of 1,000 events, and listEvents pages them by status', async () => {
  const reason = 'No workflow has a trigger for this event.';
  await sandbox.control('PUT', '/bots/bot-1', { eventsPerMinute: null });
  await addRule({ status: 'failed', failureReason: reason, every: 20, times: 50, delayMs: 1_000 });
  await addRule({ status: 'ignored', every: 19, times: 50 });
  for (let n = 1; n <= 1_000; n++) await create({ n });
  sandbox.clock.advance(200);
  expect(await countByStatus()).toEqual({ processed: 900, ignored: 50, failed: 0, pending: 50 });
  sandbox.clock.advance(800);
  expect(await countByStatus()).toEqual({ processed: 900, ignored: 50, failed: 50, pending: 0 });
  const failed = await sandbox.client().list.events({ status: 'failed' }).collect();
  expect(failed.every((event) => event.failureReason === reason)).toBe(true);
  expect(failed.map((event) => event.payload.n)).toEqual(
    Array.from({ length: 50 }, (_, i) => 1_000 - 20 * i),
  );
});

async function countByStatus() {
  const counts: Record<string, number> = {};
  for (const status of ['processed', 'ignored', 'failed', 'pending'] as const) {
    counts[status] = (await sandbox.client().list.events({ status }).collect()).length;
  }
  return counts;
}

test('a rule applies to the bot, type and delivery that it names, and the first rule wins', async () => {
  await addRule({ status: 'ignored', match: { botId: 'bot-2' } });
  await addRule({ status: 'failed', match: { type: 'b', deliveryId: 'd1' } });
  await addRule({ status: 'canceled', match: { type: 'b' } });
  const ids = [
    (await create()).id,
    (await create({ deliveryId: 'd1' }, 'b')).id,
    (await create({ deliveryId: 'd2' }, 'b')).id,
  ];
  const other = await create({ deliveryId: 'd1' }, 'b', 'bot-2');
  sandbox.clock.advance(200);
  expect(await Promise.all(ids.map(read))).toEqual([
    { status: 'processed', failureReason: null },
    { status: 'failed', failureReason: 'The workflow ended with an error.' },
    { status: 'canceled', failureReason: null },
  ]);
  expect((await sandbox.client({ botId: 'bot-2' }).getEvent({ id: other.id })).event.status).toBe('ignored');
});

test('an event with the status pending never moves, and removed rules do not apply to later events', async () => {
  const rule = await addRule({ status: 'pending' });
  const { id } = await create();
  sandbox.clock.advance(86_400_000);
  expect((await read(id)).status).toBe('pending');
  expect((await sandbox.control('GET', '/statuses')).body).toMatchObject({ rules: [{ id: rule, hits: 1 }] });
  expect((await sandbox.control('DELETE', `/statuses/${rule}`)).body).toEqual({ removed: 1 });
  expect((await sandbox.control('DELETE', `/statuses/${rule}`)).status).toBe(404);
  await addRule({ status: 'ignored' });
  expect((await sandbox.control('DELETE', '/statuses')).body).toEqual({ removed: 1 });
  const later = await create();
  sandbox.clock.advance(200);
  expect((await read(later.id)).status).toBe('processed');
});

test.each([
  [{ status: 'scheduled' }, 'status'],
  [{ status: 'failed', failureReason: 'x'.repeat(2_001) }, 'failureReason'],
  [{ status: 'ignored', failureReason: 'x' }, ''],
  [{ status: 'failed', every: 0 }, 'every'],
  [{ status: 'failed', delayMs: -1 }, 'delayMs'],
  [{ status: 'failed', match: { bot: 'x' } }, 'match'],
])('rejects the rule %j with the path of the error', async (rule, path) => {
  const { status, body } = await sandbox.control('POST', '/statuses', rule);
  expect(status).toBe(400);
  expect(body).toMatchObject({ error: { issues: [{ path }] } });
});

test('rejects an unknown mode and an invalid value', async () => {
  expect((await sandbox.control('PATCH', '/modes', { nonsense: 1 })).status).toBe(400);
  expect((await sandbox.control('PATCH', '/modes', { statusDelayMs: -1 })).status).toBe(400);
});
