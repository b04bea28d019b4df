import { createSourceRegistry } from '@sluice/events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestSandbox, type TestSandbox } from './testing/start-test-sandbox.ts';

let sandbox: TestSandbox;
beforeEach(async () => {
  sandbox = await startTestSandbox();
});
afterEach(() => sandbox.close());

const MIB = 1024 * 1024;

/** A body of exactly `bytes` bytes. */
function bodyOf(bytes: number): string {
  const empty = '{"type":"a","payload":{"x":""}}';
  return empty.replace('""', `"${'x'.repeat(bytes - empty.length)}"`);
}

test.each([
  ['no token', { authorization: '' }, '{"type":"a","payload":{}}', 401, 'Unauthorized'],
  ['an empty token', { authorization: 'Bearer ' }, '{"type":"a","payload":{}}', 401, 'Unauthorized'],
  ['another scheme', { authorization: 'Basic eA==' }, '{"type":"a","payload":{}}', 401, 'Unauthorized'],
  ['no bot', { 'x-bot-id': '' }, '{"type":"a","payload":{}}', 400, 'InvalidPayload'],
  ['a text body', { 'content-type': 'text/plain' }, '{"type":"a","payload":{}}', 415, 'UnsupportedMediaType'],
  ['a gzip body', { 'content-encoding': 'gzip' }, '{"type":"a","payload":{}}', 415, 'UnsupportedMediaType'],
  ['invalid JSON', {}, '{"type":', 400, 'InvalidPayload'],
  ['a JSON array', {}, '[]', 400, 'InvalidPayload'],
  ['an empty body', {}, '', 400, 'InvalidPayload'],
  ['no type', {}, '{"payload":{}}', 400, 'InvalidPayload'],
  ['a type of 201 characters', {}, `{"type":"${'t'.repeat(201)}","payload":{}}`, 400, 'InvalidPayload'],
  ['no payload', {}, '{"type":"a"}', 400, 'InvalidPayload'],
  ['a payload that is an array', {}, '{"type":"a","payload":[]}', 400, 'InvalidPayload'],
  ['a user id that is not a string', {}, '{"type":"a","payload":{},"userId":1}', 400, 'InvalidPayload'],
  ['an empty schedule', {}, '{"type":"a","payload":{},"schedule":{}}', 400, 'InvalidPayload'],
  [
    '100,000 levels of nesting',
    {},
    `{"type":"a","payload":{"x":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`,
    400,
    'InvalidPayload',
  ],
  ['a byte over 1 MB', {}, bodyOf(MIB + 1), 413, 'PayloadTooLarge'],
])('createEvent rejects %s', async (_what, headers, body, status, type) => {
  const response = await sandbox.post(body, headers);
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({
    id: expect.stringMatching(/^err_/),
    code: status,
    type,
    message: expect.any(String),
    metadata: {},
  });
  expect((await sandbox.ledger()).commits).toBe(0);
});

test('createEvent accepts a type of 200 characters and a request of exactly 1 MB', async () => {
  expect((await sandbox.post(`{"type":"${'t'.repeat(200)}","payload":{}}`)).status).toBe(201);
  expect((await sandbox.post(bodyOf(MIB))).status).toBe(201);
});

test('the client gets PayloadTooLarge for a payload of 4 MB, not a reset', async () => {
  const payload = { text: 'x'.repeat(4 * MIB) };
  await expect(sandbox.client().createEvent({ type: 'a', payload })).rejects.toMatchObject({
    code: 413,
    type: 'PayloadTooLarge',
  });
});

test('rejects other methods and routes', async () => {
  const methods = await fetch(`${sandbox.url}/v1/chat/events`, { method: 'PUT' });
  expect(await methods.json()).toMatchObject({ code: 405, type: 'MethodNotFound' });
  const routes = await fetch(`${sandbox.url}/v1/chat/unknown`);
  expect(await routes.json()).toMatchObject({ code: 404, type: 'ResourceNotFound' });
});

const order = {
  order_id: 1,
  shopName: 'acme',
  created_at: '2026-01-01T00:00:00Z',
  fullBody: { anything: [{ goes: null }] },
  deliveryId: 'dlv_1',
};

test.each([
  ['a missing field', { ...order, order_id: undefined }, 'payload.order_id is required'],
  ['a wrong type', { ...order, order_id: 'secret-value' }, 'payload.order_id must be number'],
  ['null for an optional field', { ...order, currency: null }, 'payload.currency must be string'],
  ['a field that is not defined', { ...order, extra: 'secret-value' }, 'payload.extra is not in the schema'],
])('the demo integration rejects newOrderCreated with %s', async (_what, payload, message) => {
  const client = sandbox.client({ integrationId: 'demo-integration' });
  const attempt = client.createEvent({ type: 'newOrderCreated', payload });
  await expect(attempt).rejects.toMatchObject({
    type: 'InvalidPayload',
    message: expect.stringContaining(message),
  });
  await expect(attempt).rejects.not.toMatchObject({ message: expect.stringContaining('secret-value') });
  expect((await sandbox.ledger()).commits).toBe(0);
});

test('the demo integration accepts newOrderCreated and rejects an undefined type', async () => {
  const client = sandbox.client({ integrationId: 'demo-integration' });
  expect((await client.createEvent({ type: 'newOrderCreated', payload: order })).event.payload).toEqual(
    order,
  );
  await expect(client.createEvent({ type: 'unknownType', payload: order })).rejects.toMatchObject({
    type: 'InvalidPayload',
    message: expect.stringContaining('newOrderCreated'),
  });
});

test('the demo integration defines all built-in events and the events of the demo connection', async () => {
  const names = [...createSourceRegistry().values()].flatMap((source) =>
    source.events.map((event) => event.name),
  );
  expect((await sandbox.control('GET', '/integrations')).body).toEqual({
    integrations: [
      {
        integrationId: 'demo-integration',
        name: 'demo-integration',
        events: [...names, 'userCreated', 'invoicePaid'],
      },
    ],
  });
});

test('validates the events of an integration until the integration is removed', async () => {
  const client = sandbox.client({ integrationId: 'own' });
  const send = () => client.createEvent({ type: 'made', payload: { n: 'text' } });
  await send();
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { n: { type: 'number' } },
  };
  expect((await sandbox.control('PUT', '/integrations/own', { events: { made: { schema } } })).status).toBe(
    200,
  );
  await expect(send()).rejects.toMatchObject({ type: 'InvalidPayload' });
  await sandbox.control('DELETE', '/integrations/own');
  await send();
  expect((await sandbox.control('DELETE', '/integrations/own')).status).toBe(404);
});

test('a schema that does not compile is rejected with its path and changes nothing', async () => {
  const events = { made: { schema: { type: 'nonsense' } } };
  const { status, body } = await sandbox.control('PUT', '/integrations/demo-integration', { events });
  expect(status).toBe(400);
  expect(body).toMatchObject({ error: { issues: [{ path: 'events.made.schema' }] } });
  const client = sandbox.client({ integrationId: 'demo-integration' });
  await client.createEvent({ type: 'newOrderCreated', payload: order });
});

test.each([
  ['revoked', 401, 'Unauthorized'],
  ['forbidden', 403, 'Forbidden'],
  ['missing', 404, 'ResourceNotFound'],
  ['unpaid', 402, 'PaymentRequired'],
])('a bot with the state %s gets %i for every call', async (state, code, type) => {
  await sandbox.control('PUT', '/bots/bot-1', { state });
  const client = sandbox.client();
  await expect(client.createEvent({ type: 'a', payload: {} })).rejects.toMatchObject({ code, type });
  await expect(client.listEvents({})).rejects.toMatchObject({ code, type });
  await sandbox.client({ botId: 'bot-2' }).createEvent({ type: 'a', payload: {} });
  await sandbox.control('PUT', '/bots/bot-1', {});
  await client.createEvent({ type: 'a', payload: {} });
});

test('a bot with a registered token rejects other tokens, and the token is not returned', async () => {
  await sandbox.control('PUT', '/bots/bot-1', { token: 'right' });
  const attempt = sandbox.client({ token: 'wrong' }).createEvent({ type: 'a', payload: {} });
  await expect(attempt).rejects.toMatchObject({ type: 'Unauthorized' });
  await sandbox.client({ token: 'right' }).createEvent({ type: 'a', payload: {} });
  expect((await sandbox.control('GET', '/bots')).body).toEqual({
    bots: [{ botId: 'bot-1', hasToken: true, state: 'active', workspaceId: 'default', integrations: {} }],
  });
});
