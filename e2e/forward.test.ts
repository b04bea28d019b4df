import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type RunningPipeline, runSluice, startPipeline } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

const APP_SECRET = 'whatsapp-app-secret';
const TELEGRAM_SECRET = 'telegram-secret-token';
const RECEIVER_SECRET = 'telegram-secret-of-the-receiver';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Result of the receiver's own check of the raw bytes. */
  readonly isVerified: boolean;
}

/** The URL of an integration: verifies each webhook as its platform prescribes. */
class Receiver {
  readonly received: Received[] = [];
  /** Status of the next responses; 0: no response. */
  status = 200;
  readonly #port: number;
  #server: Server | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async open(): Promise<void> {
    this.#server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray());
      const { headers, url: path = '' } = request;
      this.received.push({ path, headers, body, isVerified: isVerified(headers, body) });
      if (this.status > 0) response.writeHead(this.status).end();
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    if (this.#server?.listening) await new Promise((resolve) => this.#server?.close(resolve));
  }

  async waitFor(count: number): Promise<readonly Received[]> {
    await expect.poll(() => this.received.length, { timeout: 30_000, interval: 50 }).toBe(count);
    return this.received;
  }
}

function isVerified(headers: IncomingHttpHeaders, body: Buffer): boolean {
  const signature = headers['x-hub-signature-256'];
  if (typeof signature !== 'string') return headers['x-telegram-bot-api-secret-token'] === RECEIVER_SECRET;
  const expected = `sha256=${createHmac('sha256', APP_SECRET).update(body).digest('hex')}`;
  return (
    signature.length === expected.length && timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
  );
}

const botpress = { botId: 'demo-bot', integrationId: 'demo-integration', token: 'demo-token' };

let folder: string;
let receiver: Receiver;
let pipeline: RunningPipeline;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-forward-'));
  const path = join(folder, 'connections.json');
  const port = await freePort();
  receiver = new Receiver(port);
  const to = (name: string) => ({ url: `http://127.0.0.1:${port}/${name}`, allowPrivate: true });
  const connections = [
    {
      ...{ id: 'chat', source: 'whatsapp', secrets: [APP_SECRET], settings: { verifyToken: 'verify-me' } },
      ...{ botpress, forward: to('whatsapp?key=1') },
    },
    {
      ...{ id: 'group', source: 'telegram', secrets: ['new-token', TELEGRAM_SECRET] },
      ...{ botpress, forward: { ...to('telegram'), secret: RECEIVER_SECRET } },
    },
  ];
  await writeFile(path, JSON.stringify({ connections }));
  const env = { SLUICE_CONNECTIONS: path, SLUICE_STALLED_INTERVAL_MS: '1000', SLUICE_API_TIMEOUT_MS: '1000' };
  pipeline = await startPipeline({ env: { ...env, SLUICE_SETTLE_MS: '3000' } });
});

afterEach(async () => {
  await receiver.close();
  receiver.received.length = 0;
  receiver.status = 200;
});

afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true, force: true });
});

let number = 0;

/** A webhook as Meta sends it: non-ASCII characters are escaped in lower case, and the bytes are signed as they are. */
async function postWhatsApp(): Promise<Buffer> {
  number++;
  const text = `{"object":"whatsapp_business_account", "entry":[{"id":"9","changes":[{"field":"messages","value":{"metadata":{"display_phone_number":"1","phone_number_id":"106"},"messages":[{"id":"wamid.${number}","from":"15550001","timestamp":"1790000000","type":"text","text":{"body":"Ol\\u00e1 \\ud83c\\udf89"}}]}}]}]}\n`;
  const body = Buffer.from(text);
  const signature = `sha256=${createHmac('sha256', APP_SECRET).update(body).digest('hex')}`;
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature, accept: '*/*' };
  const response = await fetch(pipeline.webhookUrl('chat'), { method: 'POST', headers, body });
  expect(response.status).toBe(200);
  return body;
}

async function postTelegram(): Promise<Buffer> {
  number++;
  const body = Buffer.from(
    `{ "update_id": ${number}, "message": {"message_id":1,"date":1790000000,"chat":{"id":-1001,"type":"supergroup","title":"Zoë"},"from":{"id":7,"is_bot":false,"first_name":"Zoë"},"text":"hi"}}`,
  );
  const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': TELEGRAM_SECRET };
  const response = await fetch(pipeline.webhookUrl('group'), { method: 'POST', headers, body });
  expect([response.status, await response.text()]).toEqual([200, '']);
  return body;
}

interface Row {
  readonly connection: string;
  readonly accepted: number;
  readonly delivered: number;
  readonly dead: number;
  readonly pending: number;
  /** Delivered, and the status of the event unknown. */
  readonly unknown: number;
}

/** Returns the rows of the ledger, which must balance. */
async function ledger(): Promise<ReadonlyMap<string, Row>> {
  const { code, stdout } = await (await runSluice(['ledger', '--json'], pipeline.env)).ended;
  expect(code).toBe(0);
  const { connections } = JSON.parse(stdout) as { connections: readonly Row[] };
  expect(connections.filter((row) => row.connection.endsWith(':forward') && row.unknown > 0)).toEqual([]);
  return new Map(connections.map((row) => [row.connection, row]));
}

/** Waits until all forwards of a connection have ended, and returns the change of its row since `before`. */
async function settled(connection: string, before: ReadonlyMap<string, Row>) {
  await expect.poll(async () => (await ledger()).get(connection)?.pending, { timeout: 30_000 }).toBe(0);
  const after = (await ledger()).get(connection);
  const since = before.get(connection);
  const changeOf = (counter: keyof Omit<Row, 'connection'>) =>
    (after?.[counter] ?? 0) - (since?.[counter] ?? 0);
  return { accepted: changeOf('accepted'), delivered: changeOf('delivered'), dead: changeOf('dead') };
}

test('a forwarded webhook passes the signature check of its receiver', async () => {
  await receiver.open();
  const whatsapp = await postWhatsApp();
  const telegram = await postTelegram();
  const received = await receiver.waitFor(2);
  const byPath = new Map(received.map((one) => [one.path, one]));
  const [first, second] = [byPath.get('/whatsapp?key=1'), byPath.get('/telegram')];
  expect([first?.isVerified, second?.isVerified]).toEqual([true, true]);
  expect(first?.body.equals(whatsapp)).toBe(true);
  expect(second?.body.equals(telegram)).toBe(true);
  expect(first?.headers).toMatchObject({ accept: '*/*', 'sluice-delivery': expect.stringMatching(/^dlv_/) });
  expect(await settled('chat:forward', new Map())).toEqual({ accepted: 1, delivered: 1, dead: 0 });
  expect(await settled('group:forward', new Map())).toEqual({ accepted: 1, delivered: 1, dead: 0 });
  // An ordinary message is a topic that Sluice ignores: only its forward is accepted.
  expect((await ledger()).get('group')?.accepted ?? 0).toBe(0);
});

test('no secret is stored with a forward', async () => {
  const dump = await storedText();
  expect(dump).toContain('‹secret›');
  expect(dump).not.toMatch(new RegExp([APP_SECRET, TELEGRAM_SECRET, RECEIVER_SECRET, 'new-token'].join('|')));
});

test('a receiver that is down gets the webhook when it is up again', async () => {
  const before = await ledger();
  await postTelegram();
  await pipeline.worker.lines.waitFor((line) => line.outcome === 'retry' && line.cause === 'not_sent');
  await receiver.open();
  const [received] = await receiver.waitFor(1);
  expect(received?.isVerified).toBe(true);
  expect(await settled('group:forward', before)).toEqual({ accepted: 1, delivered: 1, dead: 0 });
});

test('a 404 makes a dead letter, and a replay forwards it', async () => {
  const before = await ledger();
  await receiver.open();
  receiver.status = 404;
  const body = await postWhatsApp();
  expect(await settled('chat:forward', before)).toEqual({ accepted: 1, delivered: 0, dead: 1 });
  const filter = ['--connection', 'chat:forward', '--reason', 'forward_rejected'];
  const listed = await (await runSluice(['dead-letters', 'list', ...filter, '--json'], pipeline.env)).ended;
  expect(listed.stdout).toContain('The receiver returned 404.');

  receiver.status = 200;
  const replay = await (await runSluice(['replay', 'run', ...filter, '--yes'], pipeline.env)).ended;
  expect(replay).toMatchObject({ code: 0 });
  const [, received] = await receiver.waitFor(2);
  expect(received?.isVerified).toBe(true);
  expect(received?.body.equals(body)).toBe(true);
  expect(await settled('chat:forward', before)).toEqual({ accepted: 1, delivered: 1, dead: 0 });
});

test('a forward arrives although its worker is killed while it waits for the response', async () => {
  const before = await ledger();
  await receiver.open();
  receiver.status = 0;
  const body = await postWhatsApp();
  await receiver.waitFor(1);
  pipeline.worker.signal('SIGKILL');
  await pipeline.worker.exited;
  receiver.status = 200;
  await pipeline.start('worker', 0);
  // The receiver gets it twice, with the same delivery id: a webhook is at-least-once, and an event is not.
  const [first, second] = await receiver.waitFor(2);
  expect(second?.isVerified).toBe(true);
  expect(second?.body.equals(body)).toBe(true);
  expect(second?.headers['sluice-delivery']).toBe(first?.headers['sluice-delivery']);
  expect(await settled('chat:forward', before)).toEqual({ accepted: 1, delivered: 1, dead: 0 });
  await expect.poll(async () => (await ledger()).get('chat')?.pending ?? 0, { timeout: 30_000 }).toBe(0);
});

test('Sluice answers the handshake of WhatsApp itself', async () => {
  await receiver.open();
  const query = new URLSearchParams({
    ...{ 'hub.mode': 'subscribe', 'hub.verify_token': 'verify-me', 'hub.challenge': '42' },
  });
  const response = await fetch(`${pipeline.webhookUrl('chat')}?${query}`);
  expect([response.status, await response.text()]).toEqual([200, '42']);
  expect(receiver.received).toEqual([]);
});

/** Returns everything that is stored of the deliveries. */
async function storedText(): Promise<string> {
  const redis = new Redis(pipeline.redis.url);
  const keys = await redis.keys('*deliveries:dlv_*');
  const hashes = await Promise.all(
    keys.filter((key) => !key.endsWith(':lock')).map((key) => redis.hgetall(key)),
  );
  redis.disconnect();
  return JSON.stringify(hashes);
}
