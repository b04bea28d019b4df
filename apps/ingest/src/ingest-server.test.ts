import { once } from 'node:events';
import { connect } from 'node:net';
import { Secret } from '@sluice/config';
import { defineSource } from '@sluice/events';
import { type RunningRedis, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { order, SECRET, shopify, sign } from './test-support/signed-orders.ts';
import { startTestIngest, type TestIngest, testConnection } from './test-support/test-ingest.ts';

/** A source that wants an empty answer and proves its address by a handshake, as Telegram and WhatsApp do. */
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

/** Redis' own count of commands that write, and of keys: nothing may change them where nothing may be stored. */
async function redisKeys(): Promise<number> {
  const socket = connect(redis.port, '127.0.0.1');
  socket.write('DBSIZE\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return Number(answer.toString().slice(1));
}

const count = (result: string) => ingest.counted('sluice_webhooks_total', { result });

describe('answers', () => {
  test('200 accepted, with the id of the delivery, only once it is in Redis', async () => {
    const before = await redisKeys();
    const { status, text } = await post(order());
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ result: 'accepted', deliveries: [expect.stringMatching(/^dlv_/)] });
    expect(await redisKeys()).toBeGreaterThan(before);
    expect(await count('accepted')).toBe(1);
  });

  test('200 duplicate, with the id of the first', async () => {
    const same = order();
    const [first, second] = [await post(same), await post(same)];
    expect(JSON.parse(second.text)).toEqual({ ...JSON.parse(first.text), result: 'duplicate' });
  });

  test('200 ignored for a topic that nobody asked for, and stores nothing', async () => {
    const before = await redisKeys();
    const { status, text } = await post(
      sign('{}', { 'content-type': 'application/json', 'x-shopify-topic': 'carts/create' }),
    );
    expect([status, JSON.parse(text)]).toEqual([200, { result: 'ignored', deliveries: [] }]);
    expect(await redisKeys()).toBe(before);
  });

  const misfit = () =>
    sign('{"id":"no number"}', { 'content-type': 'application/json', 'x-shopify-topic': 'orders/create' });

  test('200 quarantined for an authentic one that does not fit, and stores it', async () => {
    const before = await redisKeys();
    const { status, text } = await post(misfit());
    expect([status, JSON.parse(text).result]).toEqual([200, 'quarantined']);
    expect(await redisKeys()).toBeGreaterThan(before);
  });

  test('422 with the issues where the connection rejects, and stores nothing', async () => {
    const before = await redisKeys();
    const { status, text } = await post(misfit(), 'strict');
    expect(status).toBe(422);
    expect(JSON.parse(text).issues).toContainEqual({
      path: 'id',
      message: expect.stringContaining('expected number'),
    });
    expect(await redisKeys()).toBe(before);
  });

  test('an empty body where the source wants it so', async () => {
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

  test('answers an unknown shop, none, and one of another app as it answers a wrong signature', async () => {
    const before = await redisKeys();
    const forged = to('acme.myshopify.com');
    const answers = [
      await post({ ...forged, body: `${forged.body} ` }, 'shopify'),
      await post(to('nobody.myshopify.com'), 'shopify'),
      await post(to('strict.myshopify.com'), 'shopify'),
      await post(to(undefined), 'shopify'),
      await post(to('other.myshopify.com'), 'shopify'),
      await post(to('__proto__'), 'shopify'),
    ];
    for (const { status, text } of answers) expect([status, text]).toEqual([401, answers[0]?.text]);
    expect(await redisKeys()).toBe(before);
  });
});

describe.each(['customers/data_request', 'customers/redact', 'shop/redact'])('%s', (topic) => {
  const headers = { 'content-type': 'application/json', 'x-shopify-topic': topic };
  const ask = (number: number) =>
    sign(JSON.stringify({ shop_id: number, shop_domain: 'acme.myshopify.com' }), headers);

  test('is stored and answered with 200, though no event is made of it', async () => {
    const before = await redisKeys();
    const { status, text } = await post(ask(1));
    expect([status, JSON.parse(text).result]).toEqual([200, 'accepted']);
    expect(await redisKeys()).toBeGreaterThan(before);
    expect(JSON.parse((await post(ask(1))).text).result).toBe('duplicate');
    const series = (await ingest.registry.getSingleMetric('sluice_deliveries_total')?.get())?.values ?? [];
    expect(series.map(({ labels }) => labels.topic)).toContain(topic);
  });

  test('gets 401 for a wrong signature', async () => {
    const { body, headers: signed } = ask(2);
    expect(await post({ headers: signed, body: body.replace('acme', 'evil') })).toMatchObject({
      status: 401,
    });
  });
});

describe('refuses', () => {
  test('401 alike for a wrong signature, no signature and an unknown connection, and writes nothing', async () => {
    const before = await redisKeys();
    const good = order();
    const { 'x-shopify-hmac-sha256': signature = '', ...unsigned } = good.headers;
    const forged = {
      ...unsigned,
      'x-shopify-hmac-sha256': signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
    };
    const answers = [
      await post({ ...good, headers: forged }),
      await post({ ...good, headers: unsigned }),
      await post({ ...good, body: `${good.body} ` }),
      await post(good, 'nobody'),
      await post(good, 'x'.repeat(63)),
    ];
    const shown = answers.map(({ status, text, headers }) => {
      const { date: _, ...rest } = Object.fromEntries(headers);
      return { status, text, rest };
    });
    for (const answer of shown) expect(answer).toEqual(shown[0]);
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
    'not the content type %s',
    async (type) => {
      const { headers, body } = order();
      expect(await post({ body, headers: { ...headers, 'content-type': type } })).toMatchObject({
        status: 200,
      });
    },
  );

  test.each([
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
    ['no JSON', Buffer.from('{"id":')],
    ['100,000 levels', Buffer.from('['.repeat(100_000))],
  ])('400 for %s, once it is authentic', async (_name, body) => {
    const headers = { 'content-type': 'application/json', 'x-shopify-topic': 'orders/create' };
    const signed = shopify.samples?.sign({ body: body as unknown as string, headers }, SECRET);
    expect(await post({ body, headers: { ...signed?.headers } })).toMatchObject({ status: 400 });
    expect(await post({ body, headers })).toMatchObject({ status: 401 });
  });

  test('413 past the limit, told by its length or found while it streams', async () => {
    const big = sign(JSON.stringify({ id: 1, note: 'x'.repeat(4 * 1024 * 1024) }), order().headers);
    expect(await post(big)).toMatchObject({ status: 413 });
    expect(
      await rawPost('echo', 'Transfer-Encoding: chunked', [chunk('x'.repeat(600)), chunk('x'.repeat(600))]),
    ).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('404 for other addresses, without saying what runs here', async () => {
    const addresses = ['acme/more', '../acme', 'a%2Fb', 'ACME', '__proto__', '%00', 'x'.repeat(64)];
    for (const path of ['/', '/webhooks', '/admin', ...addresses.map((address) => `/webhooks/${address}`)]) {
      const answer = await fetch(`${url}${path}`, { method: 'POST' });
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.headers.get('x-powered-by')).toBeNull();
    }
  });

  test('408 for a sender that does not finish', async () => {
    expect(await rawPost('acme', 'Content-Length: 100', ['{'])).toMatch(/^HTTP\/1\.1 408 /);
  });
});

test('a handshake gets its challenge as plain text, or 403 for whatever reason', async () => {
  const get = async (path: string) => {
    const answer = await fetch(`${url}/webhooks/${path}`);
    return [answer.status, answer.headers.get('content-type')?.split(';')[0], await answer.text()];
  };
  expect(await get(`echo?token=${SECRET}&challenge=1158201444`)).toEqual([200, 'text/plain', '1158201444']);
  const refused = [403, 'text/plain', 'forbidden'];
  expect(await get('echo?token=wrong&challenge=1')).toEqual(refused);
  expect(await get(`acme?token=${SECRET}&challenge=1`)).toEqual(refused);
  expect(await get('nobody?challenge=1')).toEqual(refused);
});

test('after all that no place and no byte is still taken', () => {
  const places = Array.from({ length: 50 }, () => ingest.inFlight.enter());
  expect(places.every((place) => place?.work())).toBe(true);
  expect(ingest.inFlight.enter()).toBeUndefined();
  expect(places[0]?.take(5_000_000, () => {})).toBe(true);
  expect(places[1]?.take(1, () => {})).toBe(false);
  for (const place of places) place?.leave();
});

const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

/** Posts what no polite client would, and resolves with the answer when the server ends it. */
async function rawPost(to: string, header: string, parts: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => {
    answer += data;
  });
  socket.on('error', () => {});
  socket.write(
    `POST /webhooks/${to} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${header}\r\n\r\n`,
  );
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return answer;
}
