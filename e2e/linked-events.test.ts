import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSourceRegistry } from '@sluice/events';
import { type RunningPipeline, sendLikeAPlatform, startPipeline } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

const BOT = 'demo-bot';
const botpress = { botId: BOT, integrationId: 'demo-integration', token: 'demo-token' };
const limits = { eventsPerMinute: 1_000_000 };
const shared = { botpress, limits };
const connections = [
  { id: 'group', source: 'telegram', secrets: ['telegram-demo-secret'], link: true, ...shared },
  {
    ...{
      id: 'chat',
      source: 'whatsapp',
      secrets: ['whatsapp-demo-secret'],
      settings: { verifyToken: 'token' },
    },
    ...{ topics: { messages: true }, link: { integration: 'whatsapp' }, ...shared },
  },
  { id: 'issues', source: 'linear', secrets: ['linear-demo-secret'], link: true, ...shared },
  {
    ...{ id: 'orders', source: 'shopify', secrets: ['shopify-demo-secret'], settings: { shopName: 'acme' } },
    link: {
      channel: 'customer',
      conversation: { phone: { path: ['phone', 'customer.phone'], format: 'phone' } },
      user: { email: { path: ['email', 'customer.email'], format: 'email' } },
    },
    ...shared,
  },
];

let pipeline: RunningPipeline;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-links-'));
  const path = join(folder, 'connections.json');
  await writeFile(path, JSON.stringify({ connections }));
  pipeline = await startPipeline({ env: { SLUICE_CONNECTIONS: path } });
  const integrations = { whatsapp: 'intver_whatsapp', demo: 'demo-integration' };
  await pipeline.sandbox.setBot(BOT, { integrations, eventsPerMinute: null });
});

afterEach(async () => {
  await pipeline.sandbox.clearFaults();
  await pipeline.sandbox.resetModes();
});

afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true, force: true });
});

function sign(source: string, json: object, headers: Record<string, string> = {}) {
  const samples = createSourceRegistry().get(source)?.samples;
  if (!samples) throw new Error(`${source} has no samples`);
  const body = JSON.stringify(json);
  return samples.sign(
    { headers: { 'content-type': 'application/json', ...headers }, body },
    `${source}-demo-secret`,
  );
}

/** Posts a webhook and returns its event as the bot sees it. */
async function deliver(source: string, connection: string, json: object, headers?: Record<string, string>) {
  const { ingest, worker } = pipeline;
  const seen = new Set<unknown>(ingest.lines.seen);
  const response = await fetch(pipeline.webhookUrl(connection), {
    method: 'POST',
    ...sign(source, json, headers),
  });
  expect(response.status).toBe(200);
  const line = await ingest.lines.waitFor((one) => one.msg === 'webhook.ingested' && !seen.has(one));
  const [id] = line.deliveries as string[];
  const attempt = await worker.lines.waitFor((one) => one.delivery === id && one.outcome !== undefined);
  expect(attempt.outcome).toBe('delivered');
  const read = await fetch(`${pipeline.sandbox.url}/v1/chat/events/${attempt.eventId}`, {
    headers: { authorization: 'Bearer demo-token', 'x-bot-id': BOT },
  });
  return ((await read.json()) as { event: LinkedEvent }).event;
}

interface LinkedEvent {
  readonly conversationId?: string;
  readonly userId?: string;
  readonly messageId?: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

interface StoredRecord {
  readonly id: string;
  readonly integrationId: string;
  readonly tags: Readonly<Record<string, string>>;
}

const recordOf = async (kind: 'conversations' | 'users', id: string | undefined) => {
  const records = (await pipeline.sandbox.read<Record<string, StoredRecord[]>>(kind))[kind];
  return records?.find((record) => record.id === id);
};

/** Counts calls of an operation without changing them. */
async function countCalls(operation: string): Promise<() => Promise<number>> {
  const { id } = await pipeline.sandbox.addFault({ kind: 'latency', ms: 0, match: { operation } });
  return async () => (await pipeline.sandbox.faults()).find((fault) => fault.id === id)?.hits ?? 0;
}

async function countOf(source: string, result: string): Promise<number> {
  const metrics = await (await fetch(`${String(pipeline.worker.ready.metricsUrl)}/metrics`)).text();
  const line = `sluice_event_links_total{source="${source}",result="${result}"} `;
  return Number(
    metrics
      .split('\n')
      .find((one) => one.startsWith(line))
      ?.slice(line.length) ?? 0,
  );
}

const joinBy = (update_id: number, user: number) => ({
  update_id,
  message: {
    ...{
      message_id: update_id,
      date: 1_790_000_000,
      chat: { id: -1001234, type: 'supergroup', title: 'Group' },
    },
    ...{ from: { id: user, is_bot: false, first_name: 'Ada' } },
    new_chat_members: [{ id: user, is_bot: false, first_name: 'Ada' }],
  },
});

const messageFrom = (from: string, id: string) => ({
  entry: [
    {
      id: '9',
      changes: [
        {
          field: 'messages',
          value: {
            metadata: { display_phone_number: '1', phone_number_id: '106' },
            contacts: [{ wa_id: from, profile: { name: 'Ada' } }],
            messages: [{ id, from, timestamp: '1790000000', type: 'text', text: { body: 'Hello' } }],
          },
        },
      ],
    },
  ],
});

const comment = (id: string, issueId: string) => {
  const at = new Date().toISOString();
  return {
    ...{
      type: 'Comment',
      action: 'create',
      createdAt: at,
      webhookTimestamp: Date.now(),
      organizationId: 'org',
    },
    actor: { id: 'user-1', name: 'Ada', type: 'user' },
    data: { id, body: 'Done.', createdAt: at, updatedAt: at, userId: 'user-1', issueId },
  };
};

const order = (id: number, customer: object) => ({
  ...{ id, admin_graphql_api_id: `gid://shopify/Order/${id}`, created_at: '2026-01-01T00:00:00Z' },
  ...{ confirmation_number: 'ABC', currency: 'EUR', ...customer },
});
const orderHeaders = (id: number) => ({
  ...{ 'x-shopify-topic': 'orders/create', 'x-shopify-shop-domain': 'acme.myshopify.com' },
  'x-shopify-webhook-id': `w-${id}`,
});

test('a Telegram join names the conversation of its group and the user who joined', async () => {
  const event = await deliver('telegram', 'group', joinBy(1, 42));
  expect(await recordOf('conversations', event.conversationId)).toMatchObject({
    integrationId: 'demo-integration',
    tags: { id: '-1001234', chatId: '-1001234' },
  });
  expect((await recordOf('users', event.userId))?.tags).toEqual({ id: '42' });
  const other = await deliver('telegram', 'group', joinBy(2, 43));
  expect(other.conversationId).toBe(event.conversationId);
  expect(other.userId).not.toBe(event.userId);
});

test("a WhatsApp message names the conversation of Botpress' own integration", async () => {
  await pipeline.sandbox.setModes({ foreignRecords: 'accepted' });
  const event = await deliver('whatsapp', 'chat', messageFrom('16505550123', 'wamid.1'));
  expect(await recordOf('conversations', event.conversationId)).toMatchObject({
    integrationId: 'intver_whatsapp',
    tags: { botPhoneNumberId: '106', userPhone: '+16505550123' },
  });
  expect((await recordOf('users', event.userId))?.tags).toMatchObject({ userId: '16505550123' });
});

test('an event is delivered without ids when Botpress refuses records of another integration', async () => {
  const event = await deliver('whatsapp', 'chat', messageFrom('16505550124', 'wamid.2'));
  expect(event).not.toHaveProperty('conversationId');
  expect(await countOf('whatsapp', 'rejected')).toBe(1);
  const warning = await pipeline.worker.lines.waitFor((line) => line.msg === 'event.not_linked');
  expect(warning).toMatchObject({ connection: 'chat', reason: 'rejected' });
});

test('a Linear comment names the conversation of its issue and its author', async () => {
  const event = await deliver('linear', 'issues', comment('c-1', 'issue-1'));
  expect((await recordOf('conversations', event.conversationId))?.tags).toEqual({ id: 'issue-1' });
  expect((await recordOf('users', event.userId))?.tags).toEqual({ id: 'user-1' });
});

test('a Shopify order names the conversation of a phone number and the user of an email address', async () => {
  const customer = { email: 'Ada@Example.com', customer: { phone: '+1 613 555 0123' } };
  const event = await deliver('shopify', 'orders', order(1001, customer), orderHeaders(1001));
  expect((await recordOf('conversations', event.conversationId))?.tags).toEqual({ phone: '+16135550123' });
  expect((await recordOf('users', event.userId))?.tags).toEqual({ email: 'ada@example.com' });
  const anonymous = await deliver('shopify', 'orders', order(1002, { email: '' }), orderHeaders(1002));
  expect(anonymous).not.toHaveProperty('conversationId');
  expect(await countOf('shopify', 'no_tags')).toBe(1);
});

test('an event whose conversation was deleted is delivered once, with a new conversation', async () => {
  const before = await deliver('linear', 'issues', comment('c-2', 'issue-2'));
  await fetch(`${pipeline.sandbox.url}/sandbox/conversations/${before.conversationId}`, { method: 'DELETE' });
  const after = await deliver('linear', 'issues', comment('c-3', 'issue-2'));
  expect((await recordOf('conversations', after.conversationId))?.tags).toEqual({ id: 'issue-2' });
  expect(after.conversationId).not.toBe(before.conversationId);
});

test('1,000 events of 10 conversations are delivered with 10 calls for conversations', async () => {
  const calls = await countCalls('getOrCreateConversation');
  const before = (await pipeline.sandbox.ledger()).distinct;
  const requests = Array.from({ length: 1_000 }, (_, n) =>
    sign('linear', comment(`many-${n}`, `many-${n % 10}`)),
  );
  await sendLikeAPlatform(requests, { url: () => pipeline.webhookUrl('issues'), concurrency: 20 });
  await pipeline.sandbox.waitFor({ distinct: before + 1_000 });
  expect(await calls()).toBe(10);
  const { distinct, commits } = await pipeline.sandbox.ledger();
  expect(commits).toBe(distinct);
});

test.each([
  ['an error', { kind: 'error', error: 'InvalidPayload' }],
  ['no answer', { kind: 'hang' }],
])('events are delivered without ids when the calls for records end with %s', async (what, fault) => {
  for (const operation of ['getOrCreateConversation', 'getOrCreateUser']) {
    await pipeline.sandbox.addFault({ ...fault, match: { operation } });
  }
  const event = await deliver('linear', 'issues', {
    ...comment(`failing-${what}`, `failing-${what}`),
    actor: { id: `user-${what}`, type: 'user' },
  });
  expect(event).not.toHaveProperty('conversationId');
  expect(event).not.toHaveProperty('userId');
});
