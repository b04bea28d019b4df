import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Call } from './call-log.ts';
import { startTestSandbox, type TestSandbox } from './testing/start-test-sandbox.ts';

let sandbox: TestSandbox;
beforeEach(async () => {
  sandbox = await startTestSandbox();
});
afterEach(() => sandbox.close());

const send = (deliveryId: string | undefined, type = 'a', botId = 'bot-1') =>
  sandbox.post(JSON.stringify({ type, payload: { deliveryId } }), { 'x-bot-id': botId });

test('the ledger counts commits, deliveries, duplicates, and commits by bot and type', async () => {
  for (const id of ['d1', 'd2', 'd2', 'd3', 'd3', 'd3', undefined]) await send(id);
  await send('d4', 'b', 'bot-2');
  expect(await sandbox.ledger()).toEqual({
    commits: 8,
    distinct: 4,
    withoutDeliveryId: 1,
    doubledCount: 2,
    doubled: { d2: 2, d3: 3 },
    bots: { 'bot-1': { a: 7 }, 'bot-2': { b: 1 } },
  });
  const deliveries = await (await fetch(`${sandbox.url}/sandbox/ledger/deliveries`)).text();
  expect(
    deliveries
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { deliveryId: 'd1', count: 1 },
    { deliveryId: 'd2', count: 2 },
    { deliveryId: 'd3', count: 3 },
    { deliveryId: 'd4', count: 1 },
  ]);
});

test('lists more deliveries than fit into one chunk', async () => {
  await sandbox.control('PUT', '/bots/bot-1', { eventsPerMinute: null });
  for (let n = 0; n < 1_001; n++) await send(`d${n}`);
  const deliveries = await (await fetch(`${sandbox.url}/sandbox/ledger/deliveries`)).text();
  expect(deliveries.match(/\n/g)).toHaveLength(1_001);
});

test('logs every call with its time and outcome', async () => {
  const start = sandbox.clock.now();
  await send('d1');
  sandbox.clock.advance(1_500);
  await sandbox.post('{"type":"b","payload":{"deliveryId":"d2"}}', {
    'x-integration-id': 'demo-integration',
  });
  await sandbox.post('not JSON');
  await sandbox.post('{"type":"a","payload":{}}', { authorization: '' });
  const open = { integrationId: null, faultId: null, eventId: null, outcome: 'answered' };
  expect(await sandbox.calls()).toEqual([
    {
      ...open,
      at: start,
      botId: 'bot-1',
      type: 'a',
      deliveryId: 'd1',
      status: 201,
      eventId: expect.stringMatching(/^evt_/),
    },
    {
      ...open,
      at: start + 1_500,
      botId: 'bot-1',
      integrationId: 'demo-integration',
      type: 'b',
      deliveryId: 'd2',
      status: 400,
    },
    { ...open, at: start + 1_500, botId: 'bot-1', type: null, deliveryId: null, status: 400 },
    { ...open, at: start + 1_500, botId: 'bot-1', type: 'a', deliveryId: null, status: 401 },
  ]);
});

test('filters calls and returns the newest up to the limit', async () => {
  const start = sandbox.clock.now();
  await send('d1', 'a', 'bot-1');
  await send('d2', 'b', 'bot-1');
  sandbox.clock.advance(10);
  await send('d3', 'a', 'bot-2');
  await sandbox.post('{}');
  const ids = async (query: string) => (await sandbox.calls(query)).map((call: Call) => call.deliveryId);
  expect(await ids('?botId=bot-1&status=201')).toEqual(['d1', 'd2']);
  expect(await ids('?type=a')).toEqual(['d1', 'd3']);
  expect(await ids('?deliveryId=d2')).toEqual(['d2']);
  expect(await ids(`?since=${start + 10}`)).toEqual(['d3', null]);
  expect(await ids('?status=400')).toEqual([null]);
  expect(await ids('?limit=2')).toEqual(['d3', null]);
  expect((await sandbox.control('GET', '/calls?limit=1')).body).toMatchObject({ total: 4 });
  expect((await sandbox.control('GET', '/calls?outcome=nonsense')).status).toBe(400);
  expect((await sandbox.control('GET', '/calls?bot=x')).status).toBe(400);
});

test('a reset clears ledger, events and calls, and keeps faults, bots and limits', async () => {
  await sandbox.control('PUT', '/bots/bot-1', { eventsPerMinute: 2 });
  await sandbox.control('PATCH', '/modes', { rateLimitHeaders: 'bot' });
  await sandbox.control('POST', '/faults', { kind: 'html', match: { type: 'other' } });
  await send('d1');
  const empty = { commits: 0, distinct: 0, withoutDeliveryId: 0, doubledCount: 0, doubled: {}, bots: {} };
  expect((await sandbox.control('DELETE', '/ledger')).body).toEqual(empty);
  expect(await sandbox.ledger()).toEqual(empty);
  expect(await sandbox.calls()).toEqual([]);
  expect((await sandbox.client().listEvents({})).events).toEqual([]);
  expect((await send('d1')).headers.get('ratelimit-remaining')).toBe('0');
  expect((await send('d2', 'other')).status).toBe(429);
  expect((await sandbox.control('GET', '/faults')).body).toMatchObject({ faults: [{ kind: 'html' }] });
  expect(await sandbox.ledger()).toMatchObject({ commits: 1, doubledCount: 0 });
});

test.each([
  ['commits=2', { commits: 2, distinct: 1, calls: 2 }],
  ['commits=2&distinct=true', { commits: 3, distinct: 2, calls: 3 }],
  ['calls=4', { commits: 3, distinct: 2, calls: 4 }],
  ['commits=3&calls=5', { commits: 3, distinct: 2, calls: 5 }],
])('the wait route waits for %s', async (goal, progress) => {
  const waiting = sandbox.control('GET', `/wait?${goal}`);
  await sandbox.clock.whenScheduled();
  for (const id of ['d1', 'd1', 'd2']) await send(id);
  for (const _ of [1, 2]) await sandbox.post('{}');
  expect(await waiting).toEqual({ status: 200, body: progress });
});

test('the wait route responds at once if the goal is reached, and with 408 exactly at its timeout', async () => {
  await send('d1');
  expect((await sandbox.control('GET', '/wait?commits=1')).status).toBe(200);
  const waiting = sandbox.control('GET', '/wait?commits=2&timeoutMs=5000');
  await sandbox.clock.whenScheduled();
  sandbox.clock.advance(4_999);
  await send('d1', 'a', 'bot-2');
  expect(await waiting).toMatchObject({ status: 200 });
  const late = sandbox.control('GET', '/wait?commits=3&timeoutMs=5000');
  await sandbox.clock.whenScheduled();
  sandbox.clock.advance(5_000);
  expect(await late).toMatchObject({ status: 408, body: { commits: 2, distinct: 1, calls: 2 } });
});

test('the wait route rejects a request without a goal', async () => {
  expect((await sandbox.control('GET', '/wait')).status).toBe(400);
  expect((await sandbox.control('GET', '/wait?commits=-1')).status).toBe(400);
  expect((await sandbox.control('GET', '/wait?commits=1&timeoutMs=x')).status).toBe(400);
});

test('the control API returns 404 for an unknown route and 400 for invalid JSON', async () => {
  const { status, body } = await sandbox.control('GET', '/nonsense');
  expect(status).toBe(404);
  expect(body).toMatchObject({ error: { message: 'The sandbox has no route GET /sandbox/nonsense.' } });
  const broken = await fetch(`${sandbox.url}/sandbox/faults`, { method: 'POST', body: '{' });
  expect(broken.status).toBe(400);
});
