import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { promisify } from 'node:util';
import { createSourceRegistry, parseWebhook, type SourceDefinition, verifyWebhook } from '@sluice/events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SendableDelivery, toCurlCommand } from './curl-command.ts';

interface ReceivedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const SETTINGS: Record<string, unknown> = {
  linear: {},
  shopify: { shopName: 'acme' },
  'standard-webhooks': { events: { '*': 'exampleEvent' }, topicPath: 'type', passOn: 'data' },
  telegram: {},
  whatsapp: { verifyToken: 'acme' },
};
const SECRET = 'whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cyE=';

let server: Server;
let ingest = '';
let received: ReceivedRequest | undefined;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const headers = request.headers as Record<string, string>;
    received = { url: request.url ?? '', headers, body: Buffer.concat(parts) };
    response.end('accepted');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  ingest = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterAll(() => {
  server.close();
});

/** Runs the command in a shell and returns the received request. */
async function send(delivery: SendableDelivery, secret: string, shell = 'bash'): Promise<ReceivedRequest> {
  received = undefined;
  const env = { PATH: process.env.PATH, SECRET: secret };
  const { stdout } = await promisify(execFile)(shell, ['-c', toCurlCommand(delivery, ingest)], { env });
  expect(stdout).toContain('accepted');
  if (!received) throw new Error('The server received no request.');
  return received;
}

/** Verifies and unpacks a request like ingest, including disabled topics. */
function unpack(
  source: SourceDefinition,
  request: Omit<ReceivedRequest, 'url'>,
  secret: string,
): readonly SendableDelivery[] {
  const settings = source.settings.parse(SETTINGS[source.name]);
  const webhook = { ...request, receivedAt: Date.now() };
  const verified = verifyWebhook(source, webhook, { secrets: [secret], settings });
  if (!verified.ok) throw new Error(verified.why);
  const parsing = parseWebhook(verified.webhook);
  if (!parsing.ok) throw new Error(parsing.detail);
  const headers = Object.entries(request.headers).filter(([name]) => source.keepHeaders.includes(name));
  return source.unpack(parsing.parsed, settings).map(({ input: _, ...item }) => ({
    ...item,
    ...{ source: source.name, connection: 'acme', headers: Object.fromEntries(headers) },
  }));
}

const samples = [...createSourceRegistry().values()].flatMap((source) =>
  (source.samples?.topics ?? []).map((topic) => ({ name: `${source.name} ${topic}`, source, topic })),
);

describe.each(samples)('toCurlCommand $name', ({ source, topic }) => {
  it('resends the same delivery with a valid signature', async () => {
    const settings = source.settings.parse(SETTINGS[source.name]);
    const request = source.samples?.compose(topic, { number: 1, now: Date.now(), settings });
    if (!request) throw new Error('The source has no sample.');
    const token = source.name === 'telegram' ? 'telegram-secret-token' : SECRET;
    const signed = source.samples?.sign(request, token) ?? request;
    const original = unpack(source, { headers: signed.headers, body: Buffer.from(signed.body) }, token);
    expect(original.length).toBeGreaterThan(0);
    for (const delivery of original) {
      const resent = await send(delivery, token);
      expect(resent.url).toBe('/webhooks/acme');
      const [actual, ...more] = unpack(source, resent, token);
      expect(more).toEqual([]);
      expect(stable(actual)).toEqual(stable(delivery));
    }
  });
});

/** Removes timestamps of the request. The body of Linear contains one. */
function stable(delivery: SendableDelivery | undefined) {
  if (!delivery) return undefined;
  const { headers, ...rest } = delivery;
  const { 'webhook-timestamp': _, ...others } = headers;
  const body = JSON.parse(rest.body.replace(/"webhookTimestamp":\s*\d+/, '"webhookTimestamp":0'));
  return { ...rest, headers: others, body };
}

describe('toCurlCommand', () => {
  const order = {
    ...{ connection: 'acme', source: 'shopify', topic: 'orders/create' },
    headers: { 'x-shopify-shop-domain': "o'hara.myshopify.com" },
  };

  it.each(['bash', 'dash'])('preserves every byte of a body in %s', async (shell) => {
    const body = `{"id": 820982911946154508,\n "note":"it's $HOME \`id\` $(id) !! \\"\\\\n\\" \\u00e9 é 🎉 %s %%"}`;
    const resent = await send({ ...order, body }, SECRET, shell);
    expect(resent.body.toString()).toBe(body);
    expect(resent.headers['x-shopify-shop-domain']).toBe("o'hara.myshopify.com");
  });

  it('does not execute commands in a topic', async () => {
    const resent = await send({ ...order, topic: '$(id)"\'; id #', body: '{}' }, SECRET);
    expect(resent.headers['x-shopify-topic']).toBe('$(id)"\'; id #');
  });

  it('sends a body that is too long for an argument', async () => {
    const body = JSON.stringify({ note: "it's ".repeat(60_000) });
    // Not with -c, whose text would be an argument as well.
    const child = execFile('bash', ['-s'], { env: { PATH: process.env.PATH, SECRET } });
    child.stdin?.end(toCurlCommand({ ...order, body }, ingest));
    await once(child, 'close');
    expect(received?.body.toString()).toBe(body);
  });

  it('sends no request without a secret', async () => {
    await expect(send({ ...order, body: '{}' }, '')).rejects.toThrow(/SECRET/);
    expect(received).toBeUndefined();
  });
});
