import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { Secret } from '@sluice/config';
import { defineSource } from '@sluice/events';
import { createLogger } from '@sluice/observability';
import { type RunningRedis, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createIngestServer } from './ingest-server.ts';
import { order, SECRET, shopify, sign } from './test-support/signed-orders.ts';
import { startTestIngest, type TestIngest, testConnection } from './test-support/test-ingest.ts';

/** A source that requires an empty response and a handshake, like Telegram and WhatsApp. */
const echo = defineSource<unknown>({
  ...shopify,
  name: 'echo',
  reply: 'empty',
  maxBodyBytes: 1_000,
  handshake: ({ token, challenge = '' }, { secrets }) =>
    secrets.includes(token ?? '') ? { ok: true, challenge } : { ok: false },
});

let redis: RunningRedis;
let ingest: TestIngest;
let url: string;

beforeAll(async () => {
  redis = await startRedis({ own: true });
  ingest = await startTestIngest(redis.url, [
    testConnection('acme', shopify, {
      settings: { shopName: 'acme', shopDomain: 'acme.myshopify.com' },
    }),
    testConnection('other-app', shopify, {
      secrets: [new Secret('secret of another app')],
      settings: { shopName: 'other', shopDomain: 'other.myshopify.com' },
    }),
    testConnection('strict', shopify, { onInvalid: 'reject' }),
    testConnection('echo', echo),
  ]);
  url = ingest.url;
});

afterEach(() => ingest.registry.resetMetrics());

afterAll(async () => {
  await ingest.stop();
  await redis.stop();
});

const post: TestIngest['post'] = (webhook, to) => ingest.post(webhook, to);

/** Returns the number of keys in Redis, which must not change if nothing may be stored. */
async function redisKeys(): Promise<number> {
  const socket = connect(redis.port, '127.0.0.1');
  socket.write('DBSIZE\r\n');
  const [response] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return Number(response.toString().slice(1));
}

const count = (result: string) => ingest.sumOf('sluice_webhooks_total', { result });

describe('responses', () => {
  test('200 accepted with the delivery id, only after the delivery is in Redis', async () => {
    const before = await redisKeys();
    const { status, text } = await post(order());
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ result: 'accepted', deliveries: [expect.stringMatching(/^dlv_/)] });
    expect(await redisKeys()).toBeGreaterThan(before);
    expect(await count('accepted')).toBe(1);
  });

  test('200 duplicate with the id of the first delivery', async () => {
    const same = order();
    const [first, second] = [await post(same), await post(same)];
    expect(JSON.parse(second.text)).toEqual({ ...JSON.parse(first.text), result: 'duplicate' });
  });

  test('200 ignored for a disabled topic, and nothing is stored', async () => {
    const before = await redisKeys();
    const { status, text } = await post(
      sign('{}', { 'content-type': 'application/json', 'x-shopify-topic': 'carts/create' }),
    );
    expect([status, JSON.parse(text)]).toEqual([200, { result: 'ignored', deliveries: [] }]);
    expect(await redisKeys()).toBe(before);
  });

  const invalidOrder = () =>
    sign('{"id":"no number"}', { 'content-type': 'application/json', 'x-shopify-topic': 'orders/create' });

  test('200 quarantined for a verified webhook with invalid input, and it is stored', async () => {
    const before = await redisKeys();
    const { status, text } = await post(invalidOrder());
    expect([status, JSON.parse(text).result]).toEqual([200, 'quarantined']);
    expect(await redisKeys()).toBeGreaterThan(before);
  });

  test('422 with the issues if the connection rejects invalid input, and nothing is stored', async () => {
    const before = await redisKeys();
    const { status, text } = await post(invalidOrder(), 'strict');
    expect(status).toBe(422);
    expect(JSON.parse(text).issues).toContainEqual({
      path: 'id',
      message: expect.stringContaining('expected number'),
    });
    expect(await redisKeys()).toBe(before);
  });

  test('an empty body if the source requires it', async () => {
    expect(await post(order(), 'echo')).toMatchObject({ status: 413 });
    const small = sign('{"id":1,"created_at":"2026-01-01"}', {
      'content-type': 'application/json',
      'x-shopify-topic': 'orders/create',
    });
    expect(await post(small, 'echo')).toMatchObject({ status: 200, text: '' });
  });
});

describe('one address for all shops of an app', () => {
  const to = (shop: string | undefined, { headers, body } = order()) => {
    const { 'x-shopify-shop-domain': _, ...rest } = headers;
    return { body, headers: shop === undefined ? rest : { ...rest, 'x-shopify-shop-domain': shop } };
  };

  test('finds the connection by the shop', async () => {
    const same = to('Acme.myshopify.com');
    expect(await post(same, 'shopify')).toMatchObject({ status: 200 });
    expect(JSON.parse((await post(same, 'acme')).text)).toMatchObject({ result: 'duplicate' });
  });

  test('sends the same response for an unknown shop, no shop and the shop of another app as for a wrong signature', async () => {
    const before = await redisKeys();
    const forged = to('acme.myshopify.com');
    const responses = [
      await post({ ...forged, body: `${forged.body} ` }, 'shopify'),
      await post(to('nobody.myshopify.com'), 'shopify'),
      await post(to('strict.myshopify.com'), 'shopify'),
      await post(to(undefined), 'shopify'),
      await post(to('other.myshopify.com'), 'shopify'),
      await post(to('__proto__'), 'shopify'),
    ];
    for (const { status, text } of responses) expect([status, text]).toEqual([401, responses[0]?.text]);
    expect(await redisKeys()).toBe(before);
  });
});

describe.each(['customers/data_request', 'customers/redact', 'shop/redact'])('%s', (topic) => {
  const headers = { 'content-type': 'application/json', 'x-shopify-topic': topic };
  const request = (number: number) =>
    sign(JSON.stringify({ shop_id: number, shop_domain: 'acme.myshopify.com' }), headers);

  test('is stored and gets 200, although it has no event', async () => {
    const before = await redisKeys();
    const { status, text } = await post(request(1));
    expect([status, JSON.parse(text).result]).toEqual([200, 'accepted']);
    expect(await redisKeys()).toBeGreaterThan(before);
    expect(JSON.parse((await post(request(1))).text).result).toBe('duplicate');
    const series = (await ingest.registry.getSingleMetric('sluice_deliveries_total')?.get())?.values ?? [];
    expect(series.map(({ labels }) => labels.topic)).toContain(topic);
  });

  test('gets 401 for a wrong signature', async () => {
    const { body, headers: signed } = request(2);
    expect(await post({ headers: signed, body: body.replace('acme', 'evil') })).toMatchObject({
      status: 401,
    });
  });
});

describe('rejected requests', () => {
  test('401 with identical responses for a wrong signature, no signature and an unknown connection; nothing is stored', async () => {
    const before = await redisKeys();
    const good = order();
    const { 'x-shopify-hmac-sha256': signature = '', ...unsigned } = good.headers;
    const forged = {
      ...unsigned,
      'x-shopify-hmac-sha256': signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
    };
    const responses = [
      await post({ ...good, headers: forged }),
      await post({ ...good, headers: unsigned }),
      await post({ ...good, body: `${good.body} ` }),
      await post(good, 'nobody'),
      await post(good, 'x'.repeat(63)),
    ];
    const shown = responses.map(({ status, text, headers }) => {
      const { date: _, ...rest } = Object.fromEntries(headers);
      return { status, text, rest };
    });
    for (const response of shown) expect(response).toEqual(shown[0]);
    expect(shown[0]?.status).toBe(401);
    expect(await redisKeys()).toBe(before);
  });

  test.each([
    ['application/x-www-form-urlencoded', {}],
    ['text/plain', {}],
    ['application/json', { 'content-encoding': 'gzip' }],
    ['application/json', { 'content-encoding': 'br, gzip' }],
  ])('415 for %s %j', async (type, more) => {
    const { headers, body } = order();
    expect(await post({ body, headers: { ...headers, 'content-type': type, ...more } })).toMatchObject({
      status: 415,
    });
  });

  test.each(['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.shopify+json'])(
    'the content type %s is accepted',
    async (type) => {
      const { headers, body } = order();
      expect(await post({ body, headers: { ...headers, 'content-type': type } })).toMatchObject({
        status: 200,
      });
    },
  );

  test.each([
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
    ['invalid JSON', Buffer.from('{"id":')],
    ['100,000 nested arrays', Buffer.from('['.repeat(100_000))],
  ])('400 for %s in a verified webhook', async (_name, body) => {
    const headers = { 'content-type': 'application/json', 'x-shopify-topic': 'orders/create' };
    const signed = shopify.samples?.sign({ body: body as unknown as string, headers }, SECRET);
    expect(await post({ body, headers: { ...signed?.headers } })).toMatchObject({ status: 400 });
    expect(await post({ body, headers })).toMatchObject({ status: 401 });
  });

  test('413 past the limit, by Content-Length or while streaming', async () => {
    const big = sign(JSON.stringify({ id: 1, note: 'x'.repeat(8 * 1024 * 1024) }), order().headers);
    expect(await post(big)).toMatchObject({ status: 413 });
    expect(
      await rawPost('echo', 'Transfer-Encoding: chunked', [chunk('x'.repeat(600)), chunk('x'.repeat(600))]),
    ).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('404 for other addresses, without naming the server software', async () => {
    const addresses = ['acme/more', '../acme', 'a%2Fb', 'ACME', '__proto__', '%00', 'x'.repeat(64)];
    for (const path of ['/', '/webhooks', '/admin', ...addresses.map((address) => `/webhooks/${address}`)]) {
      const response = await fetch(`${url}${path}`, { method: 'POST' });
      expect([path, response.status]).toEqual([path, 404]);
      expect(response.headers.get('x-powered-by')).toBeNull();
    }
  });

  test('408 for an incomplete request', async () => {
    expect(await rawPost('acme', 'Content-Length: 100', ['{'])).toMatch(/^HTTP\/1\.1 408 /);
  });
});

test('a handshake gets its challenge as plain text, or the same 403 for any reason', async () => {
  const get = async (path: string) => {
    const response = await fetch(`${url}/webhooks/${path}`);
    return [response.status, response.headers.get('content-type')?.split(';')[0], await response.text()];
  };
  expect(await get(`echo?token=${SECRET}&challenge=1158201444`)).toEqual([200, 'text/plain', '1158201444']);
  const forbidden = [403, 'text/plain', 'forbidden'];
  expect(await get('echo?token=wrong&challenge=1')).toEqual(forbidden);
  expect(await get(`acme?token=${SECRET}&challenge=1`)).toEqual(forbidden);
  expect(await get('nobody?challenge=1')).toEqual(forbidden);
});

test('no slot and no byte is still reserved after these requests', () => {
  const slots = Array.from({ length: 50 }, () => ingest.inFlight.admit());
  expect(slots.every((slot) => slot?.begin())).toBe(true);
  expect(ingest.inFlight.admit()).toBeUndefined();
  expect(slots[0]?.reserve(5_000_000, () => {})).toBe(true);
  expect(slots[1]?.reserve(1, () => {})).toBe(false);
  for (const slot of slots) slot?.release();
});

const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

/** Sends a malformed request and resolves with the response when the server closes the connection. */
async function rawPost(to: string, header: string, parts: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let response = '';
  socket.on('data', (data) => {
    response += data;
  });
  socket.on('error', () => {});
  socket.write(
    `POST /webhooks/${to} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${header}\r\n\r\n`,
  );
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return response;
}

const healthy = () => ({ ok: true }) as const;

test.each([
  ['bypassing Express', '/webhooks/acme'],
  ['bypassing Express, with a query', '/webhooks/acme?x=1'],
  ['through Express, with an escape', '/webhooks/acm%65'],
])('an unexpected error gets 503, so that the sender resends: %s', async (_, path) => {
  const logger = createLogger('ingest', { level: 'silent', pretty: 'false' });
  const logged = vi.spyOn(logger, 'error');
  const server = createIngestServer({
    dependencies: () => {
      throw new TypeError('a secret');
    },
    health: { alive: healthy, ready: healthy, started: healthy },
    logger,
    headersTimeout: 5_000,
    requestTimeout: 5_000,
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: '{}' });
  expect([response.status, await response.json()]).toEqual([503, { error: 'unavailable' }]);
  expect(logged).toHaveBeenCalledWith(
    { error: 'TypeError', at: expect.stringContaining('ingest-server.test.ts') },
    'webhook.failed',
  );
  expect(JSON.stringify(logged.mock.calls)).not.toContain('a secret');
  server.close();
});
