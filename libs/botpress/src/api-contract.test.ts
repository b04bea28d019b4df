import { Client } from '@botpress/client';
import { buildClient2, type RunningSandbox, startSandbox } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BotTarget } from './bot-client.ts';
import { checkTarget } from './check-target.ts';
import { EventLinker } from './event-linker.ts';
import { EventLookup } from './event-lookup.ts';
import { EventSender } from './event-sender.ts';
import {
  type ApiExchange,
  DOCUMENTED_ERRORS,
  findRequestViolations,
  findResponseViolations,
  findViolations,
  type Recorder,
  startRecorder,
} from './test-support/api-contract.ts';
import { bothMajors, type ClientClass, ofAnotherShape } from './test-support/clients.ts';

/** Requests of Sluice and responses of the sandbox, compared with the OpenAPI state that Botpress publishes. */

const INTEGRATION = 'intver_01K3ZV7000000000000000000';
const BOT = 'bot_01K3ZV7000000000000000000';
const WORKSPACE = 'wkspace_01K3ZV70000000000000000';
const Client2 = bothMajors(await buildClient2()).get('2.x');

let sandbox: RunningSandbox;
let recorder: Recorder;

beforeAll(async () => {
  sandbox = await startSandbox();
  const schema = { type: 'object', properties: { n: { type: 'number' } } };
  await sandbox.putIntegration(INTEGRATION, { thingMade: { schema } });
});
beforeEach(async () => {
  recorder = await startRecorder(sandbox.url);
});
afterEach(async () => {
  recorder.close();
  await sandbox.clearFaults();
  await sandbox.reset();
});
afterAll(() => sandbox.stop());

const target = (): BotTarget => ({
  ...{ apiUrl: recorder.url, botId: 'bot', token: 'token', integrationId: INTEGRATION },
  integrationAlias: 'shop',
});

/** Returns the operations of the recorded exchanges and fails if one differs from the API. */
function expectContract(): string[] {
  expect(recorder.exchanges.flatMap(findViolations)).toEqual([]);
  return recorder.exchanges.map(({ method, url, status }) => `${method} ${url.split('?')[0]} ${status}`);
}

const transports = new Map<string, ClientClass | undefined>([
  ['1.x undici', Client],
  ['1.x axios', ofAnotherShape(Client)],
  ['2.x undici', Client2],
  ['2.x fetch', Client2 && ofAnotherShape(Client2)],
]);

describe.each([...transports])('over %s', (_transport, clientClass) => {
  const options = () => ({ timeout: 10_000, now: Date.now, ...(clientClass && { clientClass }) });

  test.skipIf(!clientClass)('sends and looks up events as the API describes', async () => {
    const sender = new EventSender(options());
    for (const deliveryId of ['dlv_1', 'dlv_2']) {
      const event = { type: 'thingMade', payload: { deliveryId, n: 1 } };
      expect(await sender.sendEvent(target(), event)).toMatchObject({ kind: 'created' });
    }
    const invalid = { type: 'thingMade', payload: { deliveryId: 'dlv_3', n: 'x' } };
    expect(await sender.sendEvent(target(), invalid)).toMatchObject({ kind: 'refused' });
    const lookup = new EventLookup(options());
    const query = { type: 'thingMade', startedAt: Date.now() };
    expect(await lookup.findExistingEvent(target(), { ...query, deliveryId: 'dlv_1' })).toMatchObject({
      kind: 'found',
    });
    expect(await lookup.findExistingEvent(target(), { ...query, deliveryId: 'dlv_9' })).toEqual({
      kind: 'absent',
    });
    expect(expectContract()).toEqual([
      ...['POST /v1/chat/events 201', 'POST /v1/chat/events 201', 'POST /v1/chat/events 400'],
      ...['GET /v1/chat/events 200', 'GET /v1/chat/events 200'],
    ]);
  });

  test.skipIf(!clientClass)('links events as the API describes', async () => {
    const linker = new EventLinker(options());
    const sender = new EventSender(options());
    const link = {
      ...{ channel: 'channel', conversation: { by: { id: '-100' }, also: { chatId: '-100' } } },
      user: { by: { id: '42' } },
    };
    const own = await linker.resolve(target(), link);
    expect(own).toEqual({ ids: { conversationId: expect.any(String), userId: expect.any(String) } });
    const event = { type: 'thingMade', payload: { n: 1 } };
    expect(await sender.sendEvent(target(), event, own)).toMatchObject({ kind: 'created' });
    const foreign = { ...link, integration: 'telegram', message: { by: { id: '7' } } };
    expect(await linker.resolve(target(), foreign)).toEqual({
      ids: { conversationId: expect.any(String), userId: expect.any(String) },
    });
    expect(new Set(expectContract())).toEqual(
      new Set([
        ...['POST /v1/chat/conversations/get-or-create 200', 'POST /v1/chat/users/get-or-create 200'],
        ...['GET /v1/chat/conversations 200', 'GET /v1/chat/users 200', 'GET /v1/chat/messages 200'],
        'POST /v1/chat/events 201',
      ]),
    );
  });

  test.skipIf(!clientClass)('reads several pages of events as the API describes', async () => {
    const sender = new EventSender(options());
    for (let n = 0; n < 101; n++) {
      await sender.sendEvent(target(), { type: 'thingMade', payload: { deliveryId: `dlv_${n}`, n } });
    }
    recorder.exchanges.length = 0;
    const query = { type: 'thingMade', startedAt: Date.now(), deliveryId: 'dlv_0' };
    expect(await new EventLookup(options()).findExistingEvent(target(), query)).toMatchObject({
      kind: 'found',
    });
    expect(recorder.exchanges[1]?.url).toContain('nextToken=');
    expectContract();
  });
});

test('checks a target as the API describes', async () => {
  const check = (to: BotTarget, events: readonly string[]) =>
    checkTarget(to, events, { timeout: 10_000, workspaceId: WORKSPACE });
  expect(await check(target(), ['thingMade'])).toEqual({ kind: 'ok', definitions: { known: true } });
  expect(await check(target(), ['other'])).toMatchObject({ kind: 'events_undefined' });
  expect(await check({ ...target(), integrationId: `${INTEGRATION}1` }, ['thingMade'])).toEqual({
    kind: 'integration_unknown',
  });
  await sandbox.setBot(BOT, { integrations: { shop: INTEGRATION } });
  expect(await check({ ...target(), botId: BOT }, ['thingMade'])).toMatchObject({ kind: 'ok' });
  await sandbox.setBot(BOT, { integrations: { other: `${INTEGRATION}2` } });
  expect(await check({ ...target(), botId: BOT }, ['thingMade'])).toMatchObject({ kind: 'not_installed' });
  await sandbox.setBot('gone', { state: 'missing' });
  expect(await check({ ...target(), botId: 'gone' }, ['thingMade'])).toEqual({ kind: 'bot_unknown' });
  await sandbox.setBot('revoked', { state: 'revoked' });
  expect(await check({ ...target(), botId: 'revoked' }, [])).toMatchObject({ kind: 'token_refused' });
  expect(new Set(expectContract())).toEqual(
    new Set([
      'GET /v1/chat/events 200',
      'GET /v1/chat/events 401',
      'GET /v1/chat/events 404',
      `GET /v1/admin/bots/${BOT} 200`,
      // A bot without registered integrations: the check does not know what it has installed.
      'GET /v1/admin/bots/bot 404',
      `GET /v1/admin/integrations/${INTEGRATION} 200`,
      `GET /v1/admin/integrations/${INTEGRATION}1 404`,
    ]),
  );
});

test('a check without a workspace cannot read definitions, as the API describes', async () => {
  const result = await checkTarget(target(), ['thingMade'], { timeout: 10_000 });
  expect(result).toMatchObject({ kind: 'ok', definitions: { known: false } });
  expect(recorder.exchanges.at(-1)?.status).toBe(400);
  expect(recorder.exchanges.flatMap(findResponseViolations)).toEqual([]);
});

test('the sandbox responds to every operation as the API describes', async () => {
  const { apiUrl, ...identity } = target();
  const client = new Client({ apiUrl, ...identity });
  const { conversation } = await client.getOrCreateConversation({ channel: 'chat', tags: { id: '1' } });
  const { user } = await client.getOrCreateUser({ tags: { id: '1' }, name: 'Ada', pictureUrl: 'data:,' });
  const links = { conversationId: conversation.id, userId: user.id };
  const message = { type: 'text', payload: { text: 'hello' }, tags: { id: '1' }, ...links };
  const { message: created } = await client.getOrCreateMessage(message);
  const event = { type: 'thingMade', payload: { n: 1 } };
  await client.createEvent({ ...event, ...links, messageId: created.id });
  await client.createEvent({ ...event, schedule: { delay: 60_000 } });
  for (const status of ['ignored', 'failed', 'canceled']) {
    await sandbox.addStatusRule({ status, delayMs: 0, times: 1 });
    const { event: moved } = await client.createEvent(event);
    expect((await client.getEvent({ id: moved.id })).event.status).toBe(status);
  }
  for (const status of ['pending', 'ignored', 'processed', 'failed', 'scheduled'] as const) {
    await client.listEvents({ status });
  }
  const asBot = new Client({ apiUrl, botId: 'bot', token: 'token' });
  expect((await asBot.listEvents({})).events[0]?.type).toBe('shop:thingMade');
  expect(expectContract()).toHaveLength(17);
});

test.each([
  {},
  { eventType: 'prefixed' },
  { pageSize: 'ignored' },
  { listingDelayMs: 1_000 },
  { statusDelayMs: 0 },
  { rateLimitHeaders: 'bot' },
  { rateLimitHeaders: 'none' },
  { definitions: 'required' },
  { idLength: 28 },
  { idLength: 36 },
  { maxPayloadBytes: 20 },
  { workspaceCallsPerSecond: 3 },
  { workspaceCallsPerSecond: 3, rateLimitBody: 'error', retryAfter: 'seconds' },
  { eventsPerMinute: 1, countReads: true, retryAfter: 'date' },
])('the sandbox responds as the API describes in the modes %j', async (modes) => {
  await sandbox.setModes(modes);
  await sandbox.setBot('bot', { integrations: { shop: INTEGRATION } });
  const { apiUrl, ...identity } = target();
  const client = new Client({ apiUrl, ...identity });
  const calls = [
    () => client.createEvent({ type: 'thingMade', payload: { n: 1 } }),
    () => client.listEvents({ pageSize: 100 }),
    () => client.getEvent({ id: 'evt_01K3ZV70000000000000000000' }),
    () => client.createEvent({ type: 'thingMade', payload: { n: 1, text: 'x'.repeat(20) } }),
    () => client.getOrCreateUser({ tags: { id: '1' } }),
    () => client.createEvent({ type: 'other', payload: {} }),
  ];
  for (const call of calls) await call().catch(() => undefined);
  await sandbox.resetModes();
  expect(expectContract()).toHaveLength(calls.length);
});

test('the sandbox knows every documented error, and its error responses are as documented', async () => {
  const { apiUrl, ...identity } = target();
  const client = new Client({ apiUrl, ...identity });
  for (const error of DOCUMENTED_ERRORS) {
    await sandbox.addFault({ kind: 'error', error, times: 1 });
    await expect(client.createEvent({ type: 'thingMade', payload: {} })).rejects.toMatchObject({
      type: error,
    });
  }
  expect(expectContract()).toHaveLength(DOCUMENTED_ERRORS.length);
});

test.each([
  ['no token', 'POST', '/events', { authorization: '' }, '{"type":"a","payload":{}}', 401],
  ['no bot', 'GET', '/events', { 'x-bot-id': '' }, undefined, 400],
  ['another content type', 'POST', '/events', { 'content-type': 'text/plain' }, '{}', 415],
  ['an unknown field', 'POST', '/events', {}, '{"type":"a","payload":{},"extra":1}', 400],
  ['a short id', 'POST', '/events', {}, '{"type":"a","payload":{},"userId":"u"}', 400],
  ['a missing user', 'POST', '/events', {}, `{"type":"a","payload":{},"userId":"${INTEGRATION}"}`, 400],
  ['an invalid status', 'GET', '/events?status=done', {}, undefined, 400],
  ['an unknown event', 'GET', '/events/evt_1', {}, undefined, 404],
  ['an unknown method', 'PUT', '/events', {}, '{}', 405],
  ['an unknown route', 'GET', '/nothing', {}, undefined, 404],
  ['no tags', 'POST', '/users/get-or-create', {}, '{}', 400],
  ['a body over 1 MB', 'POST', '/events', {}, `{"x":"${'x'.repeat(1024 * 1024)}"}`, 413],
])('the sandbox rejects %s with a documented error', async (_what, method, path, headers, body, status) => {
  const response = await fetch(`${recorder.url}/v1/chat${path}`, {
    method,
    ...(body !== undefined && { body }),
    headers: { authorization: 'Bearer t', 'x-bot-id': 'bot', 'content-type': 'application/json', ...headers },
  });
  expect(response.status).toBe(status);
  expect(recorder.exchanges.flatMap(findResponseViolations)).toEqual([]);
});

describe('the comparison', () => {
  const exchange: ApiExchange = {
    method: 'POST',
    url: '/v1/chat/events',
    requestHeaders: { authorization: 'Bearer t', 'x-bot-id': 'bot', 'content-type': 'application/json' },
    requestBody: '{"type":"thingMade","payload":{}}',
    status: 201,
    responseHeaders: new Headers({ 'content-type': 'application/json' }),
    responseBody: JSON.stringify({
      event: {
        id: 'evt_01K3ZV70000000000000000000',
        createdAt: '2026-01-01T00:00:00.000Z',
        type: 'thingMade',
        payload: {},
        status: 'pending',
        failureReason: null,
      },
    }),
  };
  const list = { ...exchange, method: 'GET', requestBody: '' };
  const event = (change: object) =>
    JSON.stringify({ event: { ...JSON.parse(exchange.responseBody).event, ...change } });
  const error = (change: object) =>
    JSON.stringify({ id: 'err_1', code: 429, type: 'RateLimited', message: 'text', metadata: {}, ...change });

  test('accepts an exchange as the API describes it', () => {
    expect(findViolations(exchange)).toEqual([]);
    expect(findViolations({ ...exchange, status: 429, responseBody: error({}) })).toEqual([]);
  });

  test.each([
    ['a field of another type', { requestBody: '{"type":1,"payload":{}}' }, '/type must be string'],
    ['a missing field', { requestBody: '{"type":"thingMade"}' }, "must have required property 'payload'"],
    [
      'a field that is not in the API',
      { requestBody: '{"type":"a","payload":{},"idempotencyKey":"k"}' },
      'idempotencyKey',
    ],
    ['a short id', { requestBody: '{"type":"a","payload":{},"userId":"u"}' }, '/userId must NOT have fewer'],
    [
      'a long type',
      { requestBody: `{"type":"${'t'.repeat(201)}","payload":{}}` },
      '/type must NOT have more',
    ],
    [
      'no bot',
      { requestHeaders: { ...exchange.requestHeaders, 'x-bot-id': undefined } },
      'no header x-bot-id',
    ],
    ['no token', { requestHeaders: { ...exchange.requestHeaders, authorization: '' } }, 'no bearer token'],
    [
      'another content type',
      { requestHeaders: { ...exchange.requestHeaders, 'content-type': 'text/plain' } },
      'not declared as JSON',
    ],
    ['an unknown path', { url: '/v2/chat/events' }, 'is not an operation'],
    ['an unknown query', { ...list, url: '/v1/chat/events?limit=1' }, 'unknown query limit'],
    ['an invalid status', { ...list, url: '/v1/chat/events?status=done' }, 'invalid query status'],
    ['no workspace', { ...list, url: '/v1/admin/integrations/int_1' }, 'no header x-workspace-id'],
  ])('reports a request with %s', (_what, change, expected) => {
    expect(findRequestViolations({ ...exchange, ...change })).toEqual([expect.stringContaining(expected)]);
  });

  test.each([
    [
      'a missing field',
      { responseBody: event({ failureReason: undefined }) },
      "required property 'failureReason'",
    ],
    ['a field of another type', { responseBody: event({ payload: [] }) }, '/event/payload must be object'],
    ['an unknown field', { responseBody: event({ workflowId: 'w' }) }, 'workflowId'],
    ['an unknown status', { responseBody: event({ status: 'done' }) }, '/event/status'],
    ['a short id', { responseBody: event({ id: 'evt_1' }) }, '/event/id must NOT have fewer'],
    ['an invalid date', { responseBody: event({ createdAt: 'now' }) }, '/event/createdAt must match format'],
    ['another success status', { status: 200 }, 'the status 200 instead of 201'],
    ['a body that is not JSON', { responseBody: '<html>' }, 'not JSON'],
    ['another content type', { responseHeaders: new Headers() }, 'not declared as JSON'],
    [
      'an error without a type',
      { status: 429, responseBody: error({ type: undefined }) },
      'type must be string',
    ],
    [
      'an unknown error type',
      { status: 429, responseBody: error({ type: 'Slow' }) },
      'unknown error type Slow',
    ],
    ['another code', { status: 429, responseBody: error({ code: 400 }) }, 'the code 400 and the status 429'],
    [
      'a status of another error',
      { status: 400, responseBody: error({ code: 400 }) },
      'the status 400 with the error type',
    ],
  ])('reports a response with %s', (_what, change, expected) => {
    const found = findResponseViolations({ ...exchange, ...change });
    expect(found.join('\n')).toContain(expected);
  });
});
