import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModeValues } from './modes.ts';
import { startTestSandbox, type TestSandbox } from './testing/start-test-sandbox.ts';

let sandbox: TestSandbox;
beforeEach(async () => {
  sandbox = await startTestSandbox();
});
afterEach(() => sandbox.close());

const setModes = async (modes: Partial<ModeValues>) =>
  expect((await sandbox.control('PATCH', '/modes', modes)).status).toBe(200);
const asShop = { integrationId: 'own', integrationAlias: 'shop' };
const EVENT = { type: 'made', payload: {} };

test('eventType prefixed shows an integration its events as alias:event and filters by that form', async () => {
  await setModes({ eventType: 'prefixed' });
  const client = sandbox.client(asShop);
  const { event } = await client.createEvent(EVENT);
  expect(event.type).toBe('shop:made');
  expect((await client.getEvent({ id: event.id })).event.type).toBe('shop:made');
  expect((await client.listEvents({ type: 'shop:made' })).events).toHaveLength(1);
  expect((await client.listEvents({ type: 'made' })).events).toEqual([]);
  await setModes({ eventType: 'bare' });
  expect((await client.listEvents({ type: 'made' })).events).toHaveLength(1);
  expect((await client.listEvents({ type: 'shop:made' })).events).toEqual([]);
});

test('pageSize ignored gives pages of 20, whose tokens lead through all events', async () => {
  await setModes({ pageSize: 'ignored' });
  const client = sandbox.client();
  for (let n = 0; n < 45; n++) await client.createEvent({ type: 'n', payload: { n } });
  expect((await client.listEvents({ pageSize: 100 })).events).toHaveLength(20);
  expect((await client.listEvents({ pageSize: 1 })).events).toHaveLength(20);
  expect(await client.list.events({ pageSize: 100 }).collect()).toHaveLength(45);
});

test('listingDelayMs hides an event from listEvents but not from getEvent', async () => {
  await setModes({ listingDelayMs: 5_000 });
  const client = sandbox.client();
  const { event } = await client.createEvent(EVENT);
  sandbox.clock.advance(4_999);
  expect((await client.listEvents({})).events).toEqual([]);
  expect((await client.getEvent({ id: event.id })).event.id).toBe(event.id);
  sandbox.clock.advance(1);
  expect((await client.listEvents({})).events).toHaveLength(1);
});

test.each([28, 36])('idLength %i sets the length of all ids', async (length) => {
  await setModes({ idLength: length });
  const client = sandbox.client(asShop);
  const { user } = await client.getOrCreateUser({ tags: { id: '1' } });
  const { event } = await client.createEvent({ ...EVENT, userId: user.id });
  expect([user.id.length, event.id.length]).toEqual([length, length]);
  expect((await client.getEvent({ id: event.id })).event.userId).toBe(user.id);
});

test('maxPayloadBytes rejects a larger payload with PayloadTooLarge', async () => {
  await setModes({ maxPayloadBytes: 131_072 });
  const client = sandbox.client();
  const text = (bytes: number) => ({ text: 'x'.repeat(bytes - '{"text":""}'.length) });
  await client.createEvent({ type: 'a', payload: text(131_072) });
  await expect(client.createEvent({ type: 'a', payload: text(131_073) })).rejects.toMatchObject({
    code: 413,
    type: 'PayloadTooLarge',
  });
  await setModes({ maxPayloadBytes: null });
  await client.createEvent({ type: 'a', payload: text(131_073) });
});

test('a message over 128 KB is rejected', async () => {
  const client = sandbox.client(asShop);
  const { conversation } = await client.getOrCreateConversation({ channel: 'a', tags: {} });
  const { user } = await client.getOrCreateUser({ tags: {} });
  const links = { conversationId: conversation.id, userId: user.id };
  const message = { type: 'text', payload: { text: 'x'.repeat(128 * 1024) }, tags: {}, ...links };
  await expect(client.getOrCreateMessage(message)).rejects.toMatchObject({ type: 'PayloadTooLarge' });
});

describe('the limit of a workspace', () => {
  const limit = { workspaceCallsPerSecond: 3 };

  test('counts the calls of all bots, reads included, in a sliding second', async () => {
    await setModes(limit);
    await sandbox.client().createEvent(EVENT);
    sandbox.clock.advance(600);
    await sandbox.client({ botId: 'bot-2' }).listEvents({});
    await sandbox.client(asShop).getOrCreateUser({ tags: {} });
    await expect(sandbox.client().createEvent(EVENT)).rejects.toThrow('RateLimited');
    await expect(sandbox.client({ botId: 'bot-3' }).listEvents({})).rejects.toThrow('RateLimited');
    sandbox.clock.advance(400);
    await sandbox.client({ botId: 'bot-2' }).createEvent(EVENT);
    await expect(sandbox.client().createEvent(EVENT)).rejects.toThrow('RateLimited');
    expect((await sandbox.control('GET', '/workspaces')).body).toEqual({
      workspaces: { default: { calls: 7, rejected: 3, peakPerSecond: 6 } },
    });
    expect((await sandbox.ledger()).commits).toBe(2);
  });

  test('is separate for each workspace', async () => {
    await setModes(limit);
    await sandbox.control('PUT', '/bots/other', { workspaceId: 'second' });
    for (const botId of ['bot-1', 'other']) {
      for (const _ of [1, 2, 3]) await sandbox.client({ botId }).listEvents({});
      await expect(sandbox.client({ botId }).listEvents({})).rejects.toThrow('RateLimited');
    }
  });

  test('is 100 calls per second by default, in the headers of every success, and rejects in the documented form', async () => {
    const usual = await startTestSandbox({ modes: { workspaceCallsPerSecond: 100 } });
    try {
      const first = await usual.post('{"type":"a","payload":{}}');
      const headers = ['limit', 'remaining', 'reset'].map((name) => first.headers.get(`ratelimit-${name}`));
      expect(headers).toEqual(['100', '99', '1']);
      for (let n = 1; n < 100; n++) expect((await usual.post('{"type":"a","payload":{}}')).status).toBe(201);
      const response = await usual.post('{"type":"a","payload":{}}');
      expect(await response.json()).toEqual({
        type: 'RateLimited',
        description: 'The limit of 100 calls per second is reached.',
        status: 429,
      });
      expect([response.headers.get('ratelimit-remaining'), response.headers.get('retry-after')]).toEqual([
        '0',
        null,
      ]);
    } finally {
      await usual.close();
    }
  });

  test('is not enforced without a limit, and the headers still contain that of the documented example', async () => {
    for (let n = 0; n < 101; n++) {
      const response = await sandbox.post('{"type":"a","payload":{}}');
      expect([response.status, response.headers.get('ratelimit-limit')]).toEqual([201, '100']);
    }
  });

  test('is an unknown error with the code 500 to the client, because it does not read the documented body', async () => {
    await setModes(limit);
    const client = sandbox.client();
    for (const _ of [1, 2, 3]) await client.listEvents({});
    await expect(client.listEvents({})).rejects.toMatchObject({ code: 500, type: 'Unknown' });
    await setModes({ rateLimitBody: 'error' });
    await expect(client.listEvents({})).rejects.toMatchObject({ code: 429, type: 'RateLimited' });
  });

  test('has no headers in the mode none', async () => {
    await setModes({ ...limit, rateLimitHeaders: 'none' });
    const statuses: number[] = [];
    for (const _ of [1, 2, 3, 4]) {
      const response = await sandbox.post('{"type":"a","payload":{}}');
      statuses.push(response.status);
      expect(response.headers.has('ratelimit-limit')).toBe(false);
    }
    expect(statuses).toEqual([201, 201, 201, 429]);
  });
});

describe('with the mode definitions required', () => {
  const schema = { type: 'object', required: ['n'] };
  beforeEach(() => setModes({ definitions: 'required' }));

  test('an integration sends only events that it defines, to bots that it is installed on', async () => {
    const name = 'acme/sluice-shopify';
    const registered = await sandbox.control('PUT', '/integrations/int-1', {
      name,
      events: { made: { schema } },
    });
    expect(registered.body).toEqual({ integration: { integrationId: 'int-1', name, events: ['made'] } });
    const client = sandbox.client({ integrationId: 'int-1' });
    const event = { type: 'made', payload: { n: 1 } };
    const notInstalled = { type: 'ResourceNotFound', code: 404 };
    await expect(client.createEvent(event)).rejects.toMatchObject(notInstalled);
    await expect(client.listEvents({})).rejects.toMatchObject(notInstalled);
    await sandbox.control('PUT', '/bots/bot-1', { integrations: { 'my-shop': 'int-1' } });
    await client.createEvent(event);
    await expect(client.createEvent({ type: 'other', payload: {} })).rejects.toMatchObject({
      type: 'InvalidPayload',
    });
    await expect(client.createEvent(EVENT)).rejects.toMatchObject({ type: 'InvalidPayload' });
    expect((await sandbox.client().listEvents({})).events.map(({ type }) => type)).toEqual(['my-shop:made']);

    // The alias alone identifies the integration. Another alias is not installed.
    await sandbox.client({ integrationAlias: 'my-shop' }).createEvent(event);
    for (const wrong of [
      { integrationAlias: 'shop' },
      { integrationId: 'int-1', integrationAlias: 'shop' },
    ]) {
      await expect(sandbox.client(wrong).createEvent(event)).rejects.toMatchObject(notInstalled);
    }
    expect((await sandbox.ledger()).commits).toBe(2);
  });

  test('the demo integration is installed on every bot', async () => {
    const payload = { order_id: 1, shopName: 'a', created_at: 'b', fullBody: {}, deliveryId: 'dlv_1' };
    const client = sandbox.client({ integrationId: 'demo-integration' });
    await client.createEvent({ type: 'newOrderCreated', payload });
    await expect(client.createEvent(EVENT)).rejects.toMatchObject({ type: 'InvalidPayload' });
  });

  test('an installed integration that defines no events sends none', async () => {
    await sandbox.control('PUT', '/bots/bot-1', { integrations: { shop: 'int-2' } });
    await expect(sandbox.client({ integrationId: 'int-2' }).createEvent(EVENT)).rejects.toMatchObject({
      type: 'InvalidPayload',
    });
  });

  test('a bot sends only events that it defines itself', async () => {
    const client = sandbox.client();
    await expect(client.createEvent(EVENT)).rejects.toMatchObject({ type: 'InvalidPayload' });
    const put = await sandbox.control('PUT', '/bots/bot-1', { events: { made: { schema } } });
    expect(put.body).toMatchObject({ bot: { events: ['made'] } });
    await client.createEvent({ type: 'made', payload: { n: 1 } });
    await expect(client.createEvent(EVENT)).rejects.toMatchObject({ type: 'InvalidPayload' });
    await sandbox.control('DELETE', '/bots/bot-1');
    await expect(client.createEvent({ type: 'made', payload: { n: 1 } })).rejects.toMatchObject({
      code: 400,
    });
  });
});

test('an installed alias is the prefix of event types; without one it is the name of the integration', async () => {
  await sandbox.control('PUT', '/integrations/int-1', {
    name: 'acme/sluice-shopify',
    events: { made: { schema: {} } },
  });
  const client = sandbox.client({ integrationId: 'int-1' });
  await client.createEvent(EVENT);
  await sandbox.control('PUT', '/bots/bot-1', { integrations: { shop: 'int-1' } });
  await client.createEvent(EVENT);
  const types = (await sandbox.client().listEvents({})).events.map(({ type }) => type);
  expect(types).toEqual(['shop:made', 'acme/sluice-shopify:made']);
});

test('an integration may define 20 events, or as many as maxEventDefinitions allows', async () => {
  const events = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`event${n}`, { schema: {} }]));
  const put = (count: number) => sandbox.control('PUT', '/integrations/int-1', { events: events(count) });
  expect((await put(20)).status).toBe(200);
  expect(await put(21)).toMatchObject({
    status: 400,
    body: { error: { issues: [{ path: 'events', message: expect.stringContaining('at most 20') }] } },
  });
  await setModes({ maxEventDefinitions: null });
  expect((await put(21)).status).toBe(200);
});

test('getIntegration requires the workspace unless workspaceHeader is optional', async () => {
  const client = sandbox.client();
  const read = (from = client) => from.getIntegration({ id: 'demo-integration' });
  await expect(read()).rejects.toMatchObject({ code: 400, type: 'InvalidPayload' });
  expect((await read(sandbox.client({ workspaceId: 'wkspace_1' }))).integration.name).toBe(
    'demo-integration',
  );
  await setModes({ workspaceHeader: 'optional' });
  expect((await read()).integration.id).toBe('demo-integration');
});

test.each([
  ['a name without a handle', { name: 'sluice-shopify', events: {} }, 'name'],
  ['a title over 64 characters', { events: { a: { schema: {}, title: 'x'.repeat(65) } } }, 'events.a.title'],
])('rejects an integration with %s', async (_what, body, path) => {
  expect(await sandbox.control('PUT', '/integrations/int-1', body)).toMatchObject({
    status: 400,
    body: { error: { issues: [{ path }] } },
  });
});

test('rejects a bot whose events have an invalid schema, and keeps its settings', async () => {
  await sandbox.control('PUT', '/bots/bot-1', { state: 'revoked' });
  const { status } = await sandbox.control('PUT', '/bots/bot-1', {
    events: { a: { schema: { type: 'x' } } },
  });
  expect(status).toBe(400);
  expect((await sandbox.control('GET', '/bots')).body).toMatchObject({ bots: [{ state: 'revoked' }] });
});
