import type { Client } from '@botpress/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestSandbox, type TestSandbox } from './testing/start-test-sandbox.ts';

let sandbox: TestSandbox;
beforeEach(async () => {
  sandbox = await startTestSandbox();
});
afterEach(() => sandbox.close());

/** Creates a conversation, a user and a message to link events to. */
async function createLinks(client: Client) {
  const { conversation } = await client.getOrCreateConversation({ channel: 'chat', tags: { id: '1' } });
  const { user } = await client.getOrCreateUser({ tags: { id: '1' } });
  const links = { conversationId: conversation.id, userId: user.id };
  const { message } = await client.getOrCreateMessage({
    type: 'text',
    payload: {},
    tags: { id: '1' },
    ...links,
  });
  return { ...links, messageId: message.id };
}

const asIntegration = { integrationId: 'own', integrationAlias: 'shop' };

test('creates an event that getEvent returns', async () => {
  const client = sandbox.client(asIntegration);
  const payload = { text: 'Grüße "✓"', nested: { list: [1, null, true] } };
  const links = await createLinks(client);
  const { event } = await client.createEvent({ type: 'greeted', payload, ...links });
  expect(event).toEqual({
    id: expect.stringMatching(/^evt_[0-9A-Z]{26}$/),
    createdAt: '2026-01-01T00:00:00.000Z',
    type: 'greeted',
    payload,
    ...links,
    status: 'pending',
    failureReason: null,
  });
  expect((await client.getEvent({ id: event.id })).event).toEqual(event);
});

test('createEvent responds with 201', async () => {
  expect((await sandbox.post('{"type":"a","payload":{}}')).status).toBe(201);
});

test('listEvents returns newest first, and pages have no gaps or repeats while events are created', async () => {
  const client = sandbox.client(asIntegration);
  for (const n of [1, 2, 3, 4, 5]) await client.createEvent({ type: 'n', payload: { n } });
  const first = await client.listEvents({ pageSize: 2 });
  await client.createEvent({ type: 'n', payload: { n: 6 } });
  const second = await client.listEvents({ pageSize: 2, nextToken: first.meta.nextToken as string });
  const third = await client.listEvents({ pageSize: 2, nextToken: second.meta.nextToken as string });
  const pages = [first, second, third].map((page) => page.events.map((event) => event.payload.n));
  expect(pages).toEqual([[5, 4], [3, 2], [1]]);
  expect(third.meta.nextToken).toBeUndefined();
});

test('a full last page has no nextToken', async () => {
  const client = sandbox.client(asIntegration);
  for (const n of [1, 2]) await client.createEvent({ type: 'n', payload: { n } });
  expect((await client.listEvents({ pageSize: 2 })).meta.nextToken).toBeUndefined();
});

test("a page has 20 events by default and at most 100, and the client's collection reads all", async () => {
  const client = sandbox.client(asIntegration);
  for (let n = 0; n < 105; n++) await client.createEvent({ type: 'n', payload: { n } });
  expect((await client.listEvents({})).events).toHaveLength(20);
  expect((await client.listEvents({ pageSize: 1000 })).events).toHaveLength(100);
  const all = await client.list.events({}).collect();
  expect(all.map((event) => event.payload.n)).toEqual(Array.from({ length: 105 }, (_, n) => 104 - n));
});

test('listEvents filters by type, links and status', async () => {
  const client = sandbox.client(asIntegration);
  const links = await createLinks(client);
  await client.createEvent({ type: 'a', payload: { name: 'linked' }, ...links });
  await client.createEvent({ type: 'b', payload: { name: 'plain' } });
  await client.createEvent({ type: 'b', payload: { name: 'scheduled' }, schedule: { delay: 1000 } });
  const listed = async (filter: Parameters<typeof client.listEvents>[0]) =>
    (await client.listEvents(filter)).events.map((event) => event.payload.name);
  expect(await listed({ type: 'a' })).toEqual(['linked']);
  for (const [link, id] of Object.entries(links)) {
    expect(await listed({ [link]: id })).toEqual(['linked']);
    expect(await listed({ [link]: 'other' })).toEqual([]);
  }
  expect(await listed({ workflowId: 'w' })).toEqual([]);
  expect(await listed({ type: 'a', userId: 'other' })).toEqual([]);
  expect(await listed({ status: 'scheduled' })).toEqual(['scheduled']);
  expect(await listed({ status: 'pending' })).toEqual(['plain', 'linked']);
  expect(await listed({ status: 'failed' })).toEqual([]);
});

test('an integration sends and sees the bare type, and the bot sees it with a prefix', async () => {
  const { event } = await sandbox.client(asIntegration).createEvent({ type: 'made', payload: {} });
  const bot = sandbox.client();
  expect((await bot.getEvent({ id: event.id })).event.type).toBe('shop:made');
  expect((await bot.listEvents({ type: 'shop:made' })).events).toHaveLength(1);
  expect((await bot.listEvents({ type: 'made' })).events).toHaveLength(0);
});

test('events are visible only to their own bot and integration', async () => {
  const { event } = await sandbox.client(asIntegration).createEvent({ type: 'made', payload: {} });
  for (const other of [{ botId: 'bot-2' }, { integrationId: 'other' }]) {
    const client = sandbox.client(other);
    expect((await client.listEvents({})).events).toEqual([]);
    await expect(client.getEvent({ id: event.id })).rejects.toMatchObject({ type: 'ResourceNotFound' });
  }
});

test('listEvents rejects an invalid query', async () => {
  const client = sandbox.client();
  await expect(client.listEvents({ nextToken: 'invalid' })).rejects.toMatchObject({ type: 'InvalidQuery' });
  await expect(client.listEvents({ pageSize: 0 })).rejects.toMatchObject({ type: 'InvalidQuery' });
});

test('keeps only the newest events, and counts all of them', async () => {
  const small = await startTestSandbox({ keep: 2 });
  try {
    const client = small.client();
    const created = [];
    for (const n of [1, 2, 3])
      created.push(await client.createEvent({ type: 'n', payload: { n, deliveryId: `d${n}` } }));
    const { events } = await client.listEvents({});
    expect(events.map((event) => event.payload.n)).toEqual([3, 2]);
    await expect(client.getEvent({ id: created[0]?.event.id as string })).rejects.toMatchObject({
      code: 404,
    });
    expect(await small.ledger()).toMatchObject({ commits: 3, distinct: 3 });
  } finally {
    await small.close();
  }
});
