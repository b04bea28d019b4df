import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededRandom } from './clock-and-ids.ts';
import { createRateWindow } from './rate-window.ts';
import { startTestSandbox, type TestSandbox } from './testing/start-test-sandbox.ts';

let sandbox: TestSandbox;
beforeEach(async () => {
  sandbox = await startTestSandbox({
    modes: { eventsPerMinute: 3, rateLimitHeaders: 'bot', retryAfter: 'seconds', rateLimitBody: 'error' },
  });
});
afterEach(() => sandbox.close());

const EVENT = '{"type":"a","payload":{}}';

async function send(headers: Record<string, string> = {}) {
  const response = await sandbox.post(EVENT, headers);
  return {
    status: response.status,
    limit: response.headers.get('ratelimit-limit'),
    remaining: response.headers.get('ratelimit-remaining'),
    reset: response.headers.get('ratelimit-reset'),
    retryAfter: response.headers.get('retry-after'),
  };
}

test('rejects calls over the limit until the oldest call is a minute old', async () => {
  expect(await send()).toEqual({ status: 201, limit: '3', remaining: '2', reset: '60', retryAfter: null });
  sandbox.clock.advance(10_500);
  expect(await send()).toEqual({ status: 201, limit: '3', remaining: '1', reset: '50', retryAfter: null });
  expect(await send()).toEqual({ status: 201, limit: '3', remaining: '0', reset: '50', retryAfter: null });
  expect(await send()).toEqual({ status: 429, limit: '3', remaining: '0', reset: '50', retryAfter: '50' });
  sandbox.clock.advance(49_499);
  expect(await send()).toMatchObject({ status: 429, reset: '1', retryAfter: '1' });
  sandbox.clock.advance(1);
  // The window slides: one call has left it, two are still in it.
  expect(await send()).toMatchObject({ status: 201, remaining: '0' });
  expect(await send()).toMatchObject({ status: 429, retryAfter: '11' });
  expect((await sandbox.ledger()).commits).toBe(4);
});

test('the client reports the limit as RateLimited', async () => {
  const client = sandbox.client();
  for (const _ of [1, 2, 3]) await client.createEvent({ type: 'a', payload: {} });
  await expect(client.createEvent({ type: 'a', payload: {} })).rejects.toMatchObject({
    code: 429,
    type: 'RateLimited',
  });
});

test('each bot has its own window, and may have its own limit or no limit', async () => {
  await sandbox.control('PUT', '/bots/small', { eventsPerMinute: 1 });
  await sandbox.control('PUT', '/bots/free', { eventsPerMinute: null });
  for (const _ of [1, 2, 3]) await send();
  expect(await send()).toMatchObject({ status: 429 });
  expect(await send({ 'x-bot-id': 'other' })).toMatchObject({ status: 201, remaining: '2' });
  expect(await send({ 'x-bot-id': 'small' })).toMatchObject({ status: 201, limit: '1', remaining: '0' });
  expect(await send({ 'x-bot-id': 'small' })).toMatchObject({ status: 429 });
  for (const _ of [1, 2, 3, 4])
    expect(await send({ 'x-bot-id': 'free' })).toMatchObject({ status: 201, limit: null });
});

test('a read returns the state of the limit, is not counted and not rejected', async () => {
  const read = () =>
    fetch(`${sandbox.url}/v1/chat/events`, { headers: { authorization: 'Bearer t', 'x-bot-id': 'bot-1' } });
  await send();
  expect((await read()).headers.get('ratelimit-remaining')).toBe('2');
  for (const _ of [1, 2]) await send();
  const response = await read();
  expect(response.status).toBe(200);
  expect(response.headers.get('ratelimit-remaining')).toBe('0');
  expect(response.headers.get('retry-after')).toBeNull();
});

test('by default a bot has 600 events per minute, and a 429 has the documented body and no Retry-After', async () => {
  const usual = await startTestSandbox();
  try {
    for (let n = 0; n < 600; n++) expect((await usual.post(EVENT)).status).toBe(201);
    const response = await usual.post(EVENT);
    expect(await response.json()).toEqual({
      type: 'RateLimited',
      description: 'The limit of 600 events per minute is reached.',
      status: 429,
    });
    expect(response.headers.get('retry-after')).toBeNull();
    expect(response.headers.get('ratelimit-limit')).toBe('600');
  } finally {
    await usual.close();
  }
});

test('the mode retryAfter sends Retry-After as a date', async () => {
  await sandbox.control('PATCH', '/modes', { retryAfter: 'date' });
  for (const _ of [1, 2, 3]) await send();
  expect((await send()).retryAfter).toBe('Thu, 01 Jan 2026 00:01:00 GMT');
});

test('the mode countReads counts reads and rejects them over the limit of the bot', async () => {
  await sandbox.control('PATCH', '/modes', { countReads: true });
  const client = sandbox.client();
  for (const _ of [1, 2, 3]) await client.listEvents({});
  await expect(client.listEvents({})).rejects.toMatchObject({ code: 429 });
  expect(await send()).toMatchObject({ status: 429 });
});

test('a changed limit begins with an empty window', async () => {
  for (const _ of [1, 2, 3]) await send();
  await sandbox.control('PATCH', '/modes', { eventsPerMinute: 4 });
  expect(await send()).toMatchObject({ status: 201, remaining: '3' });
});

test('the window stays exact over many minutes and beyond its compaction threshold', () => {
  const random = seededRandom(3);
  const window = createRateWindow(5, 60_000);
  let counted: number[] = [];
  let now = 0;
  for (let call = 0; call < 20_000; call++) {
    now += Math.floor(random() * 20_000);
    counted = counted.filter((time) => time > now - 60_000);
    const allowed = counted.length < 5;
    if (allowed) counted.push(now);
    expect(window.take(now)).toMatchObject({ allowed, remaining: 5 - counted.length });
  }
});
