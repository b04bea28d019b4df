import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { VerifiedWebhook } from '../../verification/webhook.ts';
import { parseWebhook } from '../../verification/webhook.ts';
import { verifyLinear } from './verify.ts';

const NOW = 1_790_000_000_000;
const SECRET = 'linear-test-secret';

const sign = (body: string | Buffer, secret = SECRET) => ({
  headers: { 'linear-signature': createHmac('sha256', secret).update(body).digest('hex') },
  body: Buffer.from(body),
  receivedAt: NOW,
});

const verify = (webhook: ReturnType<typeof sign>, secrets = [SECRET]) =>
  verifyLinear(webhook, { secrets, settings: {} });

const at = (timestamp: number) => `{"type":"Issue","webhookTimestamp":${timestamp}}`;

describe('the signed timestamp of Linear', () => {
  test.each([
    ['now', 0, true],
    ['59 s old', -59_000, true],
    ['60 s old', -60_000, true],
    ['61 s old', -61_000, false],
    ['a day old', -86_400_000, false],
    ['59 s in the future', 59_000, true],
    ['61 s in the future', 61_000, false],
  ])('that is %s (%i ms) is accepted: %s', (name, offset, ok) => {
    const verdict = verify(sign(at(NOW + offset)));
    if (ok) expect(verdict).toEqual({ ok: true });
    else
      expect(verdict).toMatchObject({ ok: false, why: expect.stringMatching(/\d+ s (old|in the future)/) });
    expect(name).toBeTruthy();
  });

  test.each([
    ['missing', '{"type":"Issue"}'],
    ['an ISO date', `{"webhookTimestamp":"${new Date(NOW).toISOString()}"}`],
    ['digits in quotes', `{"webhookTimestamp":"${NOW}"}`],
    ['null', '{"webhookTimestamp":null}'],
    ['empty', '{"webhookTimestamp":""}'],
    ['an object', '{"webhookTimestamp":{}}'],
    ['a list', `{"webhookTimestamp":[${NOW}]}`],
    ['seconds', `{"webhookTimestamp":${NOW / 1000}}`],
    ['infinite', '{"webhookTimestamp":1e999}'],
    ['at another path', `{"data":{"webhookTimestamp":${NOW}}}`],
    ['overwritten by an old one', `{"webhookTimestamp":${NOW},"webhookTimestamp":1}`],
    ['overwritten by an escaped key', `{"webhookTimestamp":${NOW},"webhook\\u0054imestamp":1}`],
    ['not in an object', `[${NOW}]`],
    ['absent from a null body', 'null'],
  ])('is rejected if it is %s', (_name, body) => {
    expect(verify(sign(body))).toMatchObject({ ok: false });
  });

  test('is reported as missing or as old', () => {
    const why = 'webhookTimestamp is missing from the signed body or not a number';
    expect(verify(sign('{}'))).toEqual({ ok: false, why });
    expect(verify(sign('{"webhookTimestamp":"now"}'))).toEqual({ ok: false, why });
    expect(verify(sign(at(NOW - 90_000)))).toEqual({ ok: false, why: 'webhookTimestamp is 90 s old' });
  });

  test('is not read from the header', () => {
    const { headers, ...webhook } = sign('{"type":"Issue"}');
    const forged = { ...webhook, headers: { ...headers, 'linear-timestamp': String(NOW) } };
    expect(verify(forged)).toMatchObject({ ok: false });
  });

  test('is read like JSON.parse reads it', () => {
    expect(verify(sign(`{"webhookTimestamp":1,"webhookTimestamp" : ${NOW / 1e12}e12 }`))).toEqual({
      ok: true,
    });
  });
});

describe('the signature of Linear', () => {
  test('is accepted from any of the secrets', () => {
    expect(verify(sign(at(NOW), 'old'), ['new', 'old'])).toEqual({ ok: true });
    expect(verify(sign(at(NOW), 'other'), ['new', 'old'])).toMatchObject({ ok: false });
  });

  test('covers the exact bytes', () => {
    const webhook = sign(at(NOW));
    expect(verify({ ...webhook, body: Buffer.from(`${at(NOW)}\n`) })).toMatchObject({ ok: false });
    expect(verify({ ...webhook, body: Buffer.from(at(NOW + 1)) })).toMatchObject({ ok: false });
  });

  test('is rejected with a reason that holds no value', () => {
    const { headers: _, ...unsigned } = sign(at(NOW));
    const none = verifyLinear({ ...unsigned, headers: {} }, { secrets: [SECRET], settings: {} });
    expect(none).toEqual({ ok: false, why: 'no Linear-Signature header' });
    expect(verify(sign(at(NOW), 'other'))).toEqual({ ok: false, why: 'signature does not match' });
  });
});

describe('a signed malformed body passes verification and is rejected by parseWebhook', () => {
  test.each<[string, string | Buffer]>([
    ['text that is not JSON', 'hello'],
    ['an empty body', ''],
    ['truncated JSON', '{"webhookTimestamp":'],
    ['truncated JSON with a timestamp', `{"webhookTimestamp":${NOW},`],
    ['a broken key', '{"\\u":1}'],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['100,000 levels', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    [
      '100,000 levels and a timestamp',
      `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},"webhookTimestamp":${NOW}}`,
    ],
    ['100,000 unclosed levels', '{"a":'.repeat(100_000)],
  ])('for %s', (_name, body) => {
    const webhook = sign(body);
    expect(verify(webhook)).toEqual({ ok: true });
    expect(parseWebhook(webhook as unknown as VerifiedWebhook)).toMatchObject({ ok: false });
  });

  test('a malformed body with a wrong signature is rejected by verification', () => {
    expect(verify(sign('hello', 'other'))).toEqual({ ok: false, why: 'signature does not match' });
  });
});
