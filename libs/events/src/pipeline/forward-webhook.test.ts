import { describe, expect, test } from 'vitest';
import type { VerifiedWebhook } from '../verification/webhook.ts';
import { restoreForward, toForward } from './forward-webhook.ts';

const SECRET = 'a-shared-secret';
const item = { topic: 'push', idempotencyKey: '1' };

const webhookOf = (body: Buffer | string, headers: Record<string, string> = {}) =>
  ({ body: Buffer.from(body), headers, receivedAt: 7 }) as unknown as VerifiedWebhook;

function forward(webhook: VerifiedWebhook, items = [item], secrets = [SECRET, 'an-old-secret']) {
  const made = toForward({ connection: 'acme:forward', source: 'custom', secrets, webhook, items });
  if (!made) throw new Error('not forwarded');
  return made;
}

const headersOf = (headers: Record<string, string>, secret = SECRET) =>
  restoreForward(forward(webhookOf('{}', headers)), secret).headers;

describe('a forward', () => {
  test.each([
    ['UTF-8 with a byte order mark', Buffer.from('\ufeff{"name":"Zoë 🎉"}')],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x80, 0x7d])],
    ['all bytes', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
    ['an empty body', Buffer.alloc(0)],
    ['line breaks and a NUL', Buffer.from('{"a":\r\n"\u0000"}')],
  ])('keeps every byte of %s', (_name, body) => {
    const stored = JSON.parse(JSON.stringify(forward(webhookOf(body))));
    const restored = restoreForward(stored, SECRET);
    expect(restored.body.equals(body)).toBe(true);
    expect(Object.keys(restored.headers)).toEqual(['sluice-delivery']);
  });

  test('keeps the signature and other headers, and names its delivery', () => {
    const made = forward(webhookOf('{}', { 'x-hub-signature-256': 'sha256=00', 'user-agent': 'Meta\xe9' }));
    expect(restoreForward(made, SECRET).headers).toEqual({
      'x-hub-signature-256': 'sha256=00',
      'user-agent': 'Meta\xe9',
      'sluice-delivery': made.id,
    });
  });

  test('drops headers of one connection and of the request', () => {
    const dropped = {
      ...{ connection: 'keep-alive, X-Hop', 'x-hop': '1', 'keep-alive': '1', te: 'trailers', upgrade: 'h2c' },
      ...{
        'transfer-encoding': 'chunked',
        'content-length': '2',
        host: 'in.example.com',
        expect: '100-continue',
      },
      ...{ 'proxy-authorization': 'Basic eA==', authorization: 'Basic eA==', cookie: 'session=1' },
    };
    expect(Object.keys(headersOf({ ...dropped, accept: '*/*' }))).toEqual(['sluice-delivery', 'accept']);
  });

  test('stores no secret, and is sent with the secret that its receiver expects', () => {
    const headers = { 'x-token': SECRET, authorization: 'Bearer an-old-secret' };
    const made = forward(webhookOf('{}', headers));
    expect(JSON.stringify(made)).not.toMatch(/a-shared-secret|an-old-secret/);
    expect(restoreForward(made, SECRET).headers).toMatchObject({
      'x-token': SECRET,
      authorization: `Bearer ${SECRET}`,
    });
    expect(restoreForward(made, '$& other').headers).toMatchObject({ 'x-token': '$& other' });
  });

  test('stores no part of a secret that contains another', () => {
    const made = forward(webhookOf('{}', { 'x-token': `${SECRET}-old` }), [item], [SECRET, `${SECRET}-old`]);
    expect(restoreForward(made, 'new').headers['x-token']).toBe('new');
  });

  test('recognizes a secret of non-ASCII characters as Node decodes it', () => {
    const written = Buffer.from('schlüssel').toString('latin1');
    const made = forward(webhookOf('{}', { 'x-token': written }), [item], ['schlüssel']);
    expect(made.headers['x-token']).not.toContain(written);
    expect(restoreForward(made, 'schlüssel').headers['x-token']).toBe(written);
  });

  test('is not made of a forward', () => {
    const webhook = webhookOf('{}', { 'sluice-delivery': 'dlv_1' });
    const secrets = [SECRET];
    expect(
      toForward({ connection: 'a:forward', source: 'custom', secrets, webhook, items: [] }),
    ).toBeUndefined();
  });

  test('has the topic of its first item, or the topic webhook without one', () => {
    expect(forward(webhookOf('{}')).topic).toBe('push');
    expect(forward(webhookOf('no JSON'), []).topic).toBe('webhook');
  });
});

describe('two webhooks', () => {
  const keyOf = (body: string, ...items: (typeof item)[]) => forward(webhookOf(body), items).idempotencyKey;

  test('with the same body and items are one forward', () => {
    expect(keyOf('{}', item)).toBe(forward(webhookOf('{}', { date: 'later' })).idempotencyKey);
    expect(keyOf('{')).toBe(keyOf('{'));
  });

  test.each([
    ['bodies', keyOf('{"a":1}', item)],
    ['topics', keyOf('{}', { ...item, topic: 'pull' })],
    ['signed ids', keyOf('{}', { ...item, idempotencyKey: '2' })],
    ['numbers of items', keyOf('{}', item, item)],
  ])('with different %s are two forwards', (_name, key) => expect(key).not.toBe(keyOf('{}', item)));
});
