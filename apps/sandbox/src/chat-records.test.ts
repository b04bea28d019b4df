import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestSandbox, type TestSandbox } from './testing/start-test-sandbox.ts';

let sandbox: TestSandbox;
beforeEach(async () => {
  sandbox = await startTestSandbox();
});
afterEach(() => sandbox.close());

const telegram = { integrationId: 'int-1', integrationAlias: 'telegram' };
const UNKNOWN_ID = 'conv_00000000000000000000000000';

test('getOrCreateConversation creates a conversation once per bot, integration, channel and tags', async () => {
  const client = sandbox.client(telegram);
  const request = { channel: 'group', tags: { id: '-100', topic: '7' } };
  const { conversation } = await client.getOrCreateConversation(request);
  expect(conversation).toEqual({
    id: expect.stringMatching(/^conv_[0-9A-Z]{26}$/),
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    integration: 'telegram',
    ...request,
  });
  const again = await client.getOrCreateConversation({ channel: 'group', tags: { topic: '7', id: '-100' } });
  expect(again).toEqual({ conversation });
  const others = [
    [client, { channel: 'group', tags: { id: '-100' } }],
    [client, { channel: 'group', tags: { id: '-100', topic: '8' } }],
    [client, { channel: 'private', tags: request.tags }],
    [sandbox.client({ ...telegram, botId: 'bot-2' }), request],
    [sandbox.client({ integrationId: 'int-2' }), request],
  ] as const;
  const ids = new Set([conversation.id]);
  for (const [other, wanted] of others)
    ids.add((await other.getOrCreateConversation(wanted)).conversation.id);
  expect(ids.size).toBe(6);
});

test('discriminateByTags compares only the named tags', async () => {
  const client = sandbox.client(telegram);
  const { user } = await client.getOrCreateUser({ tags: { id: '42', name: 'Ada' }, name: 'Ada' });
  const byId = await client.getOrCreateUser({ tags: { id: '42', name: 'Bob' }, discriminateByTags: ['id'] });
  expect(byId.user).toEqual(user);
  const byAll = await client.getOrCreateUser({ tags: { id: '42', name: 'Bob' } });
  expect(byAll.user.id).not.toBe(user.id);
  await expect(
    client.getOrCreateUser({ tags: { id: '42' }, discriminateByTags: ['phone'] }),
  ).rejects.toMatchObject({ type: 'InvalidPayload' });
});

test('getOrCreateMessage creates a message of a conversation once', async () => {
  const client = sandbox.client(telegram);
  const { conversation } = await client.getOrCreateConversation({ channel: 'group', tags: { id: '1' } });
  const { user } = await client.getOrCreateUser({ tags: { id: '42' } });
  const ids = { conversationId: conversation.id, userId: user.id };
  const request = { type: 'text', payload: { text: 'hello' }, tags: { id: '9' }, ...ids };
  const { message } = await client.getOrCreateMessage(request);
  expect(message).toMatchObject({ ...request, direction: 'incoming' });
  expect((await client.getOrCreateMessage(request)).message).toEqual(message);
  await expect(client.getOrCreateMessage({ ...request, conversationId: UNKNOWN_ID })).rejects.toMatchObject({
    code: 400,
    type: 'ReferenceNotFound',
  });
});

test('createEvent rejects ids that do not exist for the caller with ReferenceNotFound', async () => {
  const client = sandbox.client(telegram);
  const { conversation } = await client.getOrCreateConversation({ channel: 'group', tags: { id: '1' } });
  const { user } = await client.getOrCreateUser({ tags: { id: '42' } });
  const create = (links: object, from = client) => from.createEvent({ type: 'a', payload: {}, ...links });
  const { event } = await create({ conversationId: conversation.id, userId: user.id });
  expect(event).toMatchObject({ conversationId: conversation.id, userId: user.id });

  const rejections = [
    create({ conversationId: UNKNOWN_ID }),
    create({ userId: conversation.id }),
    create({ messageId: UNKNOWN_ID }),
    create({ workflowId: UNKNOWN_ID }),
    create({ userId: user.id }, sandbox.client({ ...telegram, botId: 'bot-2' })),
    create({ userId: user.id }, sandbox.client({ integrationId: 'int-2' })),
  ];
  for (const rejected of rejections) {
    await expect(rejected).rejects.toMatchObject({ code: 400, type: 'ReferenceNotFound' });
  }
  await create({ userId: user.id }, sandbox.client());
  expect((await sandbox.ledger()).commits).toBe(2);
});

test('createEvent rejects a message of another conversation with RelationConflict', async () => {
  const client = sandbox.client(telegram);
  const [one, other] = await Promise.all(
    ['1', '2'].map((id) => client.getOrCreateConversation({ channel: 'group', tags: { id } })),
  );
  const { user } = await client.getOrCreateUser({ tags: { id: '42' } });
  const { message } = await client.getOrCreateMessage({
    ...{ type: 'text', payload: {}, tags: {}, userId: user.id },
    conversationId: one?.conversation.id as string,
  });
  const conversationId = other?.conversation.id as string;
  await expect(
    client.createEvent({ type: 'a', payload: {}, conversationId, messageId: message.id }),
  ).rejects.toMatchObject({ code: 409, type: 'RelationConflict' });
});

test('a bot creates conversations and users only with the name of an integration', async () => {
  const bot = sandbox.client();
  await expect(bot.getOrCreateUser({ tags: { id: '1' } })).rejects.toMatchObject({ type: 'InvalidPayload' });
  const request = { channel: 'group', tags: { 'telegram:id': '1' }, integrationName: 'telegram' };
  expect((await bot.getOrCreateConversation(request)).conversation.integration).toBe('telegram');
});

test.each([
  ['conversations', '{"tags":{}}', 400, 'InvalidPayload'],
  ['conversations', '{"channel":"a","tags":{},"extra":1}', 400, 'InvalidPayload'],
  ['users', `{"tags":{"id":"${'x'.repeat(501)}"}}`, 400, 'InvalidPayload'],
  ['users', '{"tags":{"id":1}}', 400, 'InvalidPayload'],
  ['users', '[]', 400, 'InvalidPayload'],
  [
    'messages',
    '{"type":"text","payload":{},"tags":{},"userId":"u","conversationId":"c"}',
    400,
    'InvalidPayload',
  ],
])('get-or-create of %s rejects the body %s', async (kind, body, status, type) => {
  const response = await fetch(`${sandbox.url}/v1/chat/${kind}/get-or-create`, {
    method: 'POST',
    body,
    headers: {
      authorization: 'Bearer t',
      'x-bot-id': 'bot-1',
      'x-integration-id': 'int-1',
      'content-type': 'application/json',
    },
  });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ code: status, type });
});

test('the control API lists and removes records, and faults apply to their operations', async () => {
  const client = sandbox.client(telegram);
  const { user } = await client.getOrCreateUser({ tags: { id: '1' } });
  await sandbox.client({ ...telegram, botId: 'bot-2' }).getOrCreateUser({ tags: { id: '1' } });
  const listed = await sandbox.control('GET', '/users?botId=bot-1');
  expect(listed.body).toEqual({ users: [{ ...user, botId: 'bot-1', integrationId: 'int-1' }] });

  expect((await sandbox.control('DELETE', `/users/${user.id}`)).body).toEqual({ removed: 1 });
  expect((await sandbox.control('DELETE', `/users/${user.id}`)).status).toBe(404);
  await expect(client.createEvent({ type: 'a', payload: {}, userId: user.id })).rejects.toMatchObject({
    type: 'ReferenceNotFound',
  });
  expect((await sandbox.control('DELETE', '/users')).body).toEqual({ removed: 1 });
  expect((await sandbox.control('GET', '/conversations')).body).toEqual({ conversations: [] });

  const fault = { kind: 'error', error: 'Internal', match: { operation: 'getOrCreateUser' }, times: 1 };
  await sandbox.control('POST', '/faults', fault);
  await expect(client.getOrCreateUser({ tags: { id: '1' } })).rejects.toMatchObject({ type: 'Internal' });
  await client.getOrCreateUser({ tags: { id: '1' } });
});
