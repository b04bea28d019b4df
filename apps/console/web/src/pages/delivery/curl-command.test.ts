import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { promisify } from 'node:util';
import { createSourceRegistry, parseWebhook, type SourceDefinition, verifyWebhook } from '@sluice/events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curlOf, type Sendable } from './curl-command.ts';

interface Got {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const SETTINGS: Record<string, unknown> = {
  linear: {},
  shopify: { shopName: 'acme' },
  'standard-webhooks': { events: { '*': 'somethingHappened' }, topicPath: 'type', passOn: 'data' },
  telegram: {},
  whatsapp: { verifyToken: 'acme' },
};
const SECRET = 'whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cyE=';

let server: Server;
let ingest = '';
let got: Got | undefined;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const headers = request.headers as Record<string, string>;
    got = { url: request.url ?? '', headers, body: Buffer.concat(parts) };
    response.end('taken');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  ingest = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterAll(() => {
  server.close();
});

/** Sends by a shell what the command says, and tells what came. */
async function send(delivery: Sendable, secret: string, shell = 'bash'): Promise<Got> {
  got = undefined;
  const env = { PATH: process.env.PATH, SECRET: secret };
  const { stdout } = await promisify(execFile)(shell, ['-c', curlOf(delivery, ingest)], { env });
  expect(stdout).toContain('taken');
  if (!got) throw new Error('nothing came');
  return got;
}

/** What ingest would read, also of topics that become no event. */
function read(source: SourceDefinition, request: Omit<Got, 'url'>, secret: string): readonly Sendable[] {
  const settings = source.settings.parse(SETTINGS[source.name]);
  const webhook = { ...request, receivedAt: Date.now() };
  const verified = verifyWebhook(source, webhook, { secrets: [secret], settings });
  if (!verified.ok) throw new Error(verified.why);
  const parsing = parseWebhook(verified.webhook);
  if (!parsing.ok) throw new Error(parsing.detail);
  const kept = Object.entries(request.headers).filter(([name]) => source.keepHeaders.includes(name));
  return source.unpack(parsing.parsed, settings).map(({ input: _, ...item }) => ({
    ...item,
    ...{ source: source.name, connection: 'acme', headers: Object.fromEntries(kept) },
  }));
}

const samples = [...createSourceRegistry().values()].flatMap((source) =>
  (source.samples?.topics ?? []).map((topic) => ({ name: `${source.name} ${topic}`, source, topic })),
);

describe.each(samples)('curlOf $name', ({ source, topic }) => {
  it('comes in as the same again, signed as its source wants it', async () => {
    const settings = source.settings.parse(SETTINGS[source.name]);
    const request = source.samples?.compose(topic, { number: 1, now: Date.now(), settings });
    if (!request) throw new Error('no sample');
    const token = source.name === 'telegram' ? 'a-token-of-telegram' : SECRET;
    const signed = source.samples?.sign(request, token) ?? request;
    const before = read(source, { headers: signed.headers, body: Buffer.from(signed.body) }, token);
    expect(before.length).toBeGreaterThan(0);
    for (const delivery of before) {
      const came = await send(delivery, token);
      expect(came.url).toBe('/webhooks/acme');
      const [again, ...more] = read(source, came, token);
      expect(more).toEqual([]);
      expect(forget(again)).toEqual(forget(delivery));
    }
  });
});

/** All but what is another every time: Linear's body says when it was sent. */
function forget(delivery: Sendable | undefined) {
  if (!delivery) return undefined;
  const { headers, ...rest } = delivery;
  const { 'webhook-timestamp': _, ...kept } = headers;
  const body = JSON.parse(rest.body.replace(/"webhookTimestamp":\s*\d+/, '"webhookTimestamp":0'));
  return { ...rest, headers: kept, body };
}

describe('curlOf', () => {
  const order = {
    ...{ connection: 'acme', source: 'shopify', topic: 'orders/create' },
    headers: { 'x-shopify-shop-domain': "o'hara.myshopify.com" },
  };

  it.each(['bash', 'dash'])('keeps every byte of a body, in %s', async (shell) => {
    const body = `{"id": 820982911946154508,\n "note":"it's $HOME \`id\` $(id) !! \\"\\\\n\\" \\u00e9 é 🎉 %s %%"}`;
    const came = await send({ ...order, body }, SECRET, shell);
    expect(came.body.toString()).toBe(body);
    expect(came.headers['x-shopify-shop-domain']).toBe("o'hara.myshopify.com");
  });

  it('runs nothing that stands in a topic', async () => {
    const came = await send({ ...order, topic: '$(id)"\'; id #', body: '{}' }, SECRET);
    expect(came.headers['x-shopify-topic']).toBe('$(id)"\'; id #');
  });

  it('sends a body that is too long to be an argument', async () => {
    const body = JSON.stringify({ note: "it's ".repeat(60_000) });
    // Not by -c, whose text would be an argument too.
    const child = execFile('bash', ['-s'], { env: { PATH: process.env.PATH, SECRET } });
    child.stdin?.end(curlOf({ ...order, body }, ingest));
    await once(child, 'close');
    expect(got?.body.toString()).toBe(body);
  });

  it('sends nothing without a secret', async () => {
    await expect(send({ ...order, body: '{}' }, '')).rejects.toThrow(/SECRET/);
    expect(got).toBeUndefined();
  });
});
