import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseConnections } from '@sluice/config';
import { afterEach, expect, test } from 'vitest';
import { checkTelegramWebhook, renderTelegram } from './telegram-webhook.ts';

const TOKEN = '123456:test-tok-3n';
const OWN = 'https://in.example.com/webhooks/group';
const ALL = ['message', 'chat_member', 'my_chat_member', 'chat_join_request'];

let server: Server | undefined;

afterEach(() => server?.close());

/** Starts a Bot API with one response. */
async function botApi(result: object | undefined, status = 200): Promise<string> {
  server = createServer((request, response) => {
    const isCalled = request.method === 'GET' && request.url === `/bot${TOKEN}/getWebhookInfo`;
    response.writeHead(isCalled ? status : 500, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify({ ok: status === 200, ...(result ? { result } : {}) }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function connection(more: object = {}, settings: object = { botToken: TOKEN }) {
  const botpress = { botId: 'bot', token: 't' };
  const spec = { id: 'group', source: 'telegram', secrets: ['s3cret'], settings, botpress, ...more };
  const connections = parseConnections(JSON.stringify({ connections: [spec] }), 'c.json', { env: {} });
  const [only] = connections.all();
  if (!only) throw new Error('no connection');
  return only;
}

const forward = { url: 'https://webhook.botpress.cloud/h1dden' };

/** Checks, and fails if the token or the path of another receiver is shown. */
async function check(result: object | undefined, { more = {}, status = 200 } = {}) {
  const apiUrl = await botApi(result, status);
  const found = await checkTelegramWebhook(connection(more), { apiUrl, timeout: 5_000 });
  if (!found) throw new Error('not checked');
  const text = renderTelegram('group', found).join('\n');
  expect(JSON.stringify(found) + text).not.toMatch(/test-tok-3n|h1dden/);
  return { ...found, text };
}

test('is ok if Sluice has the webhook and all updates that its events require', async () => {
  const info = { url: OWN, pending_update_count: 3, allowed_updates: ALL };
  const { text, ...found } = await check(info, { more: { forward } });
  expect(found).toMatchObject({ result: 'ok', detail: null, pending: 3, missingUpdates: [], notes: [] });
  expect(text).toBe('Telegram: group: ok; webhook at https://in.example.com; 3 updates pending');
});

test('notes without forward that a channel of Botpress receives nothing', async () => {
  const { text } = await check({ url: OWN, allowed_updates: ALL });
  expect(text).toContain(
    'Note: group: a Telegram channel of Botpress for this bot receives nothing; set forward.url',
  );
});

test('fails if another receiver has the webhook, and shows only its origin', async () => {
  const elsewhere = await check({ url: forward.url });
  expect(elsewhere).toMatchObject({ result: 'elsewhere', receiver: 'https://webhook.botpress.cloud' });
  expect(elsewhere.detail).toContain(
    'so Sluice receives nothing: set forward.url to that receiver and call setWebhook',
  );
  const forwarding = await check({ url: forward.url }, { more: { forward } });
  expect(forwarding.detail).toContain('again after each change of the integration');
});

test('fails if no webhook is registered', async () => {
  expect(await check({ url: '' })).toMatchObject({ result: 'none', receiver: null });
});

test('fails if Telegram leaves out updates of enabled topics', async () => {
  const byDefault = await check({ url: OWN });
  expect(byDefault).toMatchObject({ result: 'updates_missing', missingUpdates: ['chat_member'] });
  expect(await check({ url: OWN, allowed_updates: ['message', 'chat_member'] })).toMatchObject({
    missingUpdates: ['chat_join_request', 'my_chat_member'],
  });
});

test('shows the last error of Telegram in one line', async () => {
  const error = {
    last_error_date: 1_790_000_000,
    last_error_message: 'Wrong response\nfrom the webhook: 502',
  };
  const { lastError, text } = await check({ url: OWN, allowed_updates: ALL, ...error });
  expect(lastError).toContain('502');
  expect(text.split('\n')).toHaveLength(3);
});

test.each([401, 404])('fails if the token gets a %i', async (status) => {
  expect(await check(undefined, { status })).toMatchObject({ result: 'token_refused' });
});

test('fails without a response, and if the response is another one', async () => {
  const options = { apiUrl: 'http://127.0.0.1:1', timeout: 1_000 };
  expect(await checkTelegramWebhook(connection(), options)).toMatchObject({ result: 'not_reachable' });
  expect(await check(undefined)).toMatchObject({ result: 'not_reachable' });
});

test('a connection without a bot token is not checked', async () => {
  const options = { apiUrl: 'http://127.0.0.1:1', timeout: 1_000 };
  expect(await checkTelegramWebhook(connection({}, {}), options)).toBeUndefined();
});

test('the bot token is not shown in JSON', () => {
  expect(JSON.stringify(connection())).not.toContain('test-tok-3n');
});
