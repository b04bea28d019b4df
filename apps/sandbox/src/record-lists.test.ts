import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestSandbox, type TestSandbox } from './testing/start-test-sandbox.ts';

let sandbox: TestSandbox;
beforeEach(async () => {
  sandbox = await startTestSandbox();
  await sandbox.control('PUT', '/bots/bot-1', { integrations: { telegram: 'int-1', other: 'int-2' } });
});
afterEach(() => sandbox.close());

const telegram = () => sandbox.client({ integrationId: 'int-1' });
const setModes = (modes: object) => sandbox.control('PATCH', '/modes', modes);

test('lists filter by tags, channel and integration, the newest first', async () => {
  const { conversation: one } = await telegram().getOrCreateConversation({
    channel: 'group',
    tags: { id: '1', k: 'a' },
  });
  const { conversation: two } = await telegram().getOrCreateConversation({
    channel: 'group',
    tags: { id: '2', k: 'a' },
  });
  await sandbox
    .client({ integrationId: 'int-2' })
    .getOrCreateConversation({ channel: 'x', tags: { id: '3', k: 'a' } });
  const bot = sandbox.client();
  const idsOf = async (filter: object) =>
    (await bot.listConversations(filter)).conversations.map(({ id }) => id);
  expect(await idsOf({ integrationName: 'telegram' })).toEqual([two.id, one.id]);
  expect(await idsOf({ tags: { 'telegram:k': 'a' } })).toEqual([two.id, one.id]);
  expect(await idsOf({ tags: { 'telegram:id': '1', 'telegram:k': 'a' } })).toEqual([one.id]);
  expect(await idsOf({ tags: { 'telegram:id': '3' } })).toEqual([]);
  expect(await idsOf({ channel: 'x' })).toHaveLength(1);
  expect((await telegram().listConversations({ tags: { id: '2' } })).conversations).toEqual([two]);
});

test('a bot sees the tags of an integration with the alias or bare, as the mode says', async () => {
  await telegram().getOrCreateUser({ tags: { id: '42' } });
  const bot = sandbox.client();
  expect((await bot.listUsers({ tags: { 'telegram:id': '42' } })).users[0]?.tags).toEqual({
    'telegram:id': '42',
  });
  expect((await bot.listUsers({ tags: { id: '42' } })).users).toEqual([]);
  await setModes({ botTags: 'bare' });
  expect((await bot.listUsers({ tags: { id: '42' } })).users[0]?.tags).toEqual({ id: '42' });
  expect((await bot.listUsers({ tags: { 'telegram:id': '42' } })).users).toEqual([]);
  const request = { tags: { 'telegram:id': '42' }, integrationName: 'telegram' };
  await expect(bot.getOrCreateUser(request)).rejects.toMatchObject({ type: 'InvalidPayload' });
});

test('a bot finds the conversation of an integration by its alias, unless integrationName is rejected', async () => {
  const { conversation } = await telegram().getOrCreateConversation({ channel: 'group', tags: { id: '1' } });
  const bot = sandbox.client();
  const request = { channel: 'group', tags: { 'telegram:id': '1' }, integrationName: 'telegram' };
  expect((await bot.getOrCreateConversation(request)).conversation.id).toBe(conversation.id);
  await setModes({ integrationName: 'rejected' });
  await expect(bot.getOrCreateConversation(request)).rejects.toMatchObject({ type: 'InvalidPayload' });
});

test('an integration may name records of another integration only if the mode accepts it', async () => {
  const { user } = await telegram().getOrCreateUser({ tags: { id: '42' } });
  const other = sandbox.client({ integrationId: 'int-2' });
  const create = () => other.createEvent({ type: 'a', payload: {}, userId: user.id });
  await expect(create()).rejects.toMatchObject({ type: 'ReferenceNotFound' });
  await setModes({ foreignRecords: 'accepted' });
  expect((await create()).event.userId).toBe(user.id);
  const otherBot = sandbox.client({ botId: 'bot-2', integrationId: 'int-2' });
  await expect(otherBot.createEvent({ type: 'a', payload: {}, userId: user.id })).rejects.toMatchObject({
    type: 'ReferenceNotFound',
  });
});

test('a list has pages of 20 and rejects unknown filters', async () => {
  for (let n = 0; n < 21; n++) await telegram().getOrCreateUser({ tags: { id: String(n) } });
  const first = await telegram().listUsers({});
  expect(first.users).toHaveLength(20);
  const second = await telegram().listUsers({ nextToken: first.meta.nextToken ?? '' });
  expect(second).toMatchObject({ users: [{ tags: { id: '0' } }], meta: {} });
  const response = await fetch(`${sandbox.url}/v1/chat/users?name=Ada`, {
    headers: { authorization: 'Bearer t', 'x-bot-id': 'bot-1' },
  });
  expect(response.status).toBe(400);
});
