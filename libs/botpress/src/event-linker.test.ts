import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventLink } from '@sluice/events';
import { type RunningSandbox, startSandbox } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BotTarget } from './bot-client.ts';
import { EventLinker } from './event-linker.ts';
import { EventSender } from './event-sender.ts';

const BOT = 'bot';
const TELEGRAM = 'intver_telegram';

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
  await sandbox.setBot(BOT, { integrations: { telegram: TELEGRAM, sluice: 'intver_sluice' } });
});
afterEach(async () => {
  await sandbox.clearFaults();
  await sandbox.resetModes();
});
afterAll(() => sandbox.stop());

const target = (more: Partial<BotTarget> = {}): BotTarget => ({
  ...{ apiUrl: sandbox.url, botId: BOT, token: 'token', integrationId: 'intver_sluice' },
  ...more,
});
const telegram = (): BotTarget => target({ integrationId: TELEGRAM });
const chat = (id: string): EventLink => ({ channel: 'channel', conversation: { by: { id } } });

let time = 0;
const newLinker = (timeout = 10_000) => new EventLinker({ timeout, now: () => time });

/** Counts calls without changing them. */
async function countCalls(operation: string): Promise<() => Promise<number>> {
  const { id } = await sandbox.addFault({ kind: 'latency', ms: 0, match: { operation } });
  return async () => (await sandbox.faults()).find((fault) => fault.id === id)?.hits ?? 0;
}

test('requests for the same conversation share one call while it runs and afterwards', async () => {
  const calls = await countCalls('getOrCreateConversation');
  const linker = newLinker();
  const links = Array.from({ length: 100 }, (_, n) => chat(`shared-${n % 2}`));
  const results = await Promise.all(links.map((link) => linker.resolve(target(), link)));
  expect(new Set(results.map(({ ids }) => ids.conversationId)).size).toBe(2);
  await linker.resolve(target(), chat('shared-0'));
  expect(await calls()).toBe(2);
});

test('an id expires after ten minutes, and a failed search after ten seconds', async () => {
  const linker = newLinker();
  const calls = await countCalls('getOrCreateConversation');
  await linker.resolve(target(), chat('expiring'));
  time += 10 * 60_000 - 1;
  await linker.resolve(target(), chat('expiring'));
  expect(await calls()).toBe(1);
  time += 1;
  await sandbox.addFault({
    kind: 'error',
    error: 'Internal',
    times: 1,
    match: { operation: 'getOrCreateConversation' },
  });
  const failed = { ids: {}, problem: { reason: 'unavailable', detail: 'conversation: 500 Internal' } };
  expect(await linker.resolve(target(), chat('expiring'))).toEqual(failed);
  time += 9_999;
  expect(await linker.resolve(target(), chat('expiring'))).toEqual(failed);
  time += 1;
  expect((await linker.resolve(target(), chat('expiring'))).ids).not.toEqual({});
});

test.each([
  [{ kind: 'error', error: 'InvalidPayload' }, 'refused', 'conversation: 400 InvalidPayload'],
  [{ kind: 'error', error: 'Forbidden' }, 'refused', 'conversation: 403 Forbidden'],
  [{ kind: 'error', error: 'RateLimited' }, 'unavailable', 'conversation: 429 RateLimited'],
  [{ kind: 'html', status: 502 }, 'unavailable', 'conversation: answered 502'],
  [{ kind: 'reset' }, 'unavailable', 'conversation: ECONNRESET'],
])('reports the failure %j as %s and still returns the user', async (fault, reason, detail) => {
  await sandbox.addFault({ ...fault, match: { operation: 'getOrCreateConversation' } });
  const link: EventLink = { ...chat('failing'), user: { by: { id: '42' } } };
  expect(await newLinker().resolve(target(), link)).toEqual({
    ids: { userId: expect.any(String) },
    problem: { reason, detail },
  });
});

test('a call without an answer in time leaves the event without ids', async () => {
  await sandbox.addFault({ kind: 'hang', match: { operation: 'getOrCreateConversation' } });
  expect(await newLinker(200).resolve(target(), chat('hanging'))).toMatchObject({
    ids: {},
    problem: { reason: expect.stringMatching(/^(timeout|unavailable)$/) },
  });
});

test('three failures in a row pause the calls of a target for 30 seconds', async () => {
  const { id } = await sandbox.addFault({
    ...{ kind: 'error', error: 'InvalidPayload' },
    match: { operation: 'getOrCreateConversation' },
  });
  const linker = newLinker();
  const reasons: unknown[] = [];
  for (let n = 0; n < 5; n++) {
    reasons.push((await linker.resolve(target(), chat(`paused-${n}`))).problem?.reason);
  }
  expect(reasons).toEqual(['refused', 'refused', 'refused', 'paused', 'paused']);
  expect((await sandbox.faults()).find((fault) => fault.id === id)?.hits).toBe(3);
  await sandbox.clearFaults();
  time += 30_000;
  expect(await linker.resolve(target(), chat('paused-9'))).toEqual({
    ids: { conversationId: expect.any(String) },
  });
});

test('an event whose body has no value for a tag is not linked', async () => {
  expect(await newLinker().resolve(target(), { channel: 'channel' })).toEqual({
    ids: {},
    problem: { reason: 'no_tags', detail: 'the body has no value for a tag' },
  });
});

test('a forgotten conversation is searched again', async () => {
  const linker = newLinker();
  const before = await linker.resolve(target(), chat('deleted'));
  await fetch(`${sandbox.url}/sandbox/conversations/${before.ids.conversationId}`, { method: 'DELETE' });
  expect(await linker.resolve(target(), chat('deleted'))).toEqual(before);
  linker.forget(target(), chat('deleted'));
  expect((await linker.resolve(target(), chat('deleted'))).ids.conversationId).not.toBe(
    before.ids.conversationId,
  );
});

test('rejected ids are not used until they expire', async () => {
  const linker = newLinker();
  await linker.resolve(target(), chat('rejected'));
  linker.reject(target(), chat('rejected'), '400 ReferenceNotFound');
  expect(await linker.resolve(target(), chat('rejected'))).toEqual({
    ids: {},
    problem: { reason: 'rejected', detail: '400 ReferenceNotFound' },
  });
  time += 10 * 60_000;
  expect((await linker.resolve(target(), chat('rejected'))).ids).not.toEqual({});
});

const modes = [
  { botTags: 'prefixed', integrationName: 'accepted' },
  { botTags: 'bare', integrationName: 'accepted' },
  { botTags: 'prefixed', integrationName: 'rejected' },
  { botTags: 'bare', integrationName: 'rejected' },
];

test.each(modes)('finds the conversation that another integration created: %j', async (mode) => {
  await sandbox.setModes(mode);
  const id = `existing-${mode.botTags}-${mode.integrationName}`;
  const created = await newLinker().resolve(telegram(), chat(id));
  const calls = await countCalls('getOrCreateConversation');
  const foreign = { ...chat(id), integration: 'telegram' };
  expect(await newLinker().resolve(target(), foreign)).toEqual(created);
  expect(await calls()).toBe(0);
});

test.each(modes.slice(0, 2))('creates a conversation of another integration: %j', async (mode) => {
  await sandbox.setModes(mode);
  const id = `new-${mode.botTags}`;
  const link: EventLink = { ...chat(id), user: { by: { id } } };
  const found = await newLinker().resolve(target(), { ...link, integration: 'telegram' });
  // Telegram's own integration sees the same records under its own names of tags.
  expect(await newLinker().resolve(telegram(), link)).toEqual(found);
});

test.each(modes.slice(2))('reports a conversation that it cannot create: %j', async (mode) => {
  await sandbox.setModes(mode);
  const link = { ...chat(`missing-${mode.botTags}`), integration: 'telegram' };
  expect(await newLinker().resolve(target(), link)).toEqual({
    ids: {},
    problem: { reason: 'refused', detail: 'conversation: 400 InvalidPayload' },
  });
});

test('never links to a record with other tags, even if the API ignores the filter', async () => {
  const record = { id: 'conv_of_another_person_0000000000', tags: { id: 'other', 'telegram:id': 'other' } };
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ conversations: [record], conversation: record, meta: {} }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const link of [chat('unknown'), { ...chat('unknown'), integration: 'telegram' }]) {
    expect(await newLinker().resolve(target({ apiUrl }), link)).toEqual({
      ids: {},
      problem: { reason: 'absent', detail: 'no such record' },
    });
  }
  server.close();
});

test('a message names its conversation', async () => {
  const { ids } = await newLinker().resolve(telegram(), {
    ...chat('with-message'),
    user: { by: { id: '1' } },
  });
  const response = await fetch(`${sandbox.url}/v1/chat/messages/get-or-create`, {
    method: 'POST',
    headers: {
      ...{ authorization: 'Bearer t', 'x-bot-id': BOT, 'x-integration-id': TELEGRAM },
      'content-type': 'application/json',
    },
    body: JSON.stringify({ type: 'text', payload: {}, tags: { id: 'wamid.1' }, ...ids }),
  });
  const { message } = (await response.json()) as { message: { id: string } };
  const link: EventLink = { integration: 'telegram', channel: 'channel', message: { by: { id: 'wamid.1' } } };
  const linked = await newLinker().resolve(target(), link);
  expect(linked).toEqual({ ids: { conversationId: ids.conversationId, messageId: message.id } });
  await sandbox.setModes({ foreignRecords: 'accepted' });
  const sender = new EventSender({ timeout: 10_000, now: Date.now });
  expect(await sender.sendEvent(target(), { type: 'a', payload: {} }, linked)).toMatchObject({
    kind: 'created',
  });
});
