import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { verifyWebhook } from '../../pipeline/receive-webhook.ts';
import { custom } from './custom.ts';

const AT = 1_790_000_000;
const hmac = (content: string, secret = 's', encoding: 'hex' | 'base64' = 'hex', algorithm = 'sha256') =>
  createHmac(algorithm, secret).update(content).digest(encoding);

const events = { '*': { name: 'somethingHappened' } };
const rest = { topic: { path: 'type' }, events };

const plain = { signature: { kind: 'hmac', header: 'X-Sig', encoding: 'hex' }, ...rest };
const stripe = {
  signature: {
    kind: 'hmac',
    header: 'stripe-signature',
    encoding: 'hex',
    list: { key: 'v1' },
    timestamp: { key: 't' },
    signed: ['timestamp', '.', 'body'],
  },
  idempotencyKey: { path: 'id' },
  ...rest,
};
const slack = {
  signature: {
    kind: 'hmac',
    header: 'x-slack-signature',
    encoding: 'hex',
    prefix: 'v0=',
    signed: ['v0:', 'timestamp', ':', 'body'],
    timestamp: { header: 'X-Slack-Request-Timestamp' },
    tolerance: '2m',
  },
  ...rest,
};
const svix = {
  signature: {
    kind: 'hmac',
    header: 'webhook-signature',
    encoding: 'base64',
    list: { key: 'v1', separator: ' ', assignment: ',' },
    signed: ['id', '.', 'timestamp', '.', 'body'],
    timestamp: { header: 'webhook-timestamp' },
  },
  idempotencyKey: { header: 'webhook-id' },
  ...rest,
};

function verify(
  given: unknown,
  headers: Record<string, string>,
  { body = '{}', secrets = ['s'] as readonly string[], at = AT } = {},
) {
  const settings = custom.settings.parse(given);
  const webhook = { headers, body: Buffer.from(body), receivedAt: at * 1_000 };
  return verifyWebhook(custom, webhook, { secrets, settings });
}

describe('a custom signature of the body', () => {
  test.each(['sha256', 'sha1', 'sha512'])('is accepted for the algorithm %s', (algorithm) => {
    const given = { ...plain, signature: { ...plain.signature, algorithm } };
    expect(verify(given, { 'x-sig': hmac('{}', 's', 'hex', algorithm) }).ok).toBe(true);
    expect(verify(given, { 'x-sig': hmac('{}', 'x', 'hex', algorithm) }).ok).toBe(false);
    expect(verify(given, { 'x-sig': hmac('{ }', 's', 'hex', algorithm) }).ok).toBe(false);
  });

  test('is accepted in base64, or in hex of either case, with its prefix', () => {
    const base64 = { ...plain, signature: { ...plain.signature, encoding: 'base64', prefix: 'sha256=' } };
    expect(verify(base64, { 'x-sig': `sha256=${hmac('{}', 's', 'base64')}` }).ok).toBe(true);
    expect(verify(base64, { 'x-sig': hmac('{}', 's', 'base64') }).ok).toBe(false);
    expect(verify(base64, { 'x-sig': `md5-256${hmac('{}', 's', 'base64')}` }).ok).toBe(false);
    expect(verify(base64, { 'x-sig': `sha256=${hmac('{}')}` }).ok).toBe(false);
    expect(verify(plain, { 'x-sig': hmac('{}').toUpperCase() }).ok).toBe(true);
  });

  test('is accepted from any of the secrets', () => {
    expect(verify(plain, { 'x-sig': hmac('{}') }, { secrets: ['new', 's'] }).ok).toBe(true);
  });

  test.each([
    [{}, 'no x-sig header'],
    [{ 'x-sig': '' }, 'no x-sig header'],
    [{ 'x-sig': 'zz' }, 'signature does not match'],
  ])('is rejected for the headers %j: %s', (headers, why) => {
    expect(verify(plain, headers)).toEqual({ ok: false, why });
  });

  test('covers bytes that are not text', () => {
    const body = Buffer.from([0xff, 0xfe, 0x00]);
    const headers = { 'x-sig': createHmac('sha256', 's').update(body).digest('hex') };
    const webhook = { headers, body, receivedAt: 0 };
    const settings = custom.settings.parse(plain);
    expect(verifyWebhook(custom, webhook, { secrets: ['s'], settings }).ok).toBe(true);
  });
});

describe('a signature header with a list and a timestamp', () => {
  const v1 = (at = AT, body = '{}') => hmac(`${at}.${body}`);
  const header = (value: string) => ({ 'stripe-signature': value });

  test('is accepted if any entry of the key matches', () => {
    expect(verify(stripe, header(`t=${AT},v1=${v1()}`)).ok).toBe(true);
    expect(verify(stripe, header(`t=${AT}, v1=${hmac('x')}, v1=${v1()}, v0=abc`)).ok).toBe(true);
    expect(verify(stripe, header(`t=${AT},v0=${v1()}`))).toEqual({
      ok: false,
      why: 'no signature in stripe-signature',
    });
    expect(verify(stripe, header(`v1=${v1()}`)).ok).toBe(false);
    expect(verify(stripe, header(`t=${AT + 1},v1=${v1()}`)).ok).toBe(false);
  });

  test('is read for at most twenty entries', () => {
    const after = (count: number) => header(`t=${AT},${`v1=${hmac('x')},`.repeat(count)}v1=${v1()}`);
    expect(verify(stripe, after(18)).ok).toBe(true);
    expect(verify(stripe, after(19)).ok).toBe(false);
  });

  test.each([
    [-301, false],
    [-299, true],
    [299, true],
    [300, true],
    [301, false],
  ])('received %i s after signing returns %s', (seconds, ok) => {
    expect(verify(stripe, header(`t=${AT},v1=${v1()}`), { at: AT + seconds }).ok).toBe(ok);
  });

  test('is compared in whole seconds', () => {
    expect(verify(stripe, header(`t=${AT},v1=${v1()}`), { at: AT + 300.9 }).ok).toBe(true);
  });

  test.each(['', 'now', '1e9', '-1', '99999999999999999999'])(
    'is rejected for the signed timestamp %j',
    (t) => {
      expect(verify(stripe, header(`t=${t},v1=${hmac(`${t}.{}`)}`)).ok).toBe(false);
    },
  );
});

test('a scheme with a timestamp header, a tolerance and literal text is verified', () => {
  const headers = {
    'x-slack-signature': `v0=${hmac(`v0:${AT}:{}`)}`,
    'x-slack-request-timestamp': String(AT),
  };
  expect(verify(slack, headers).ok).toBe(true);
  expect(verify(slack, headers, { at: AT + 120 }).ok).toBe(true);
  expect(verify(slack, headers, { at: AT + 121 }).ok).toBe(false);
  expect(verify(slack, { ...headers, 'x-slack-request-timestamp': String(AT + 1) }).ok).toBe(false);
});

test('a timestamp in milliseconds is compared in milliseconds', () => {
  const timestamp = { header: 'x-time', unit: 'ms' };
  const given = {
    ...plain,
    signature: { ...plain.signature, timestamp, signed: ['timestamp', 'body'], tolerance: '1s' },
  };
  const headers = (ms: number) => ({ 'x-time': String(ms), 'x-sig': hmac(`${ms}{}`) });
  expect(verify(given, headers(AT * 1_000 - 1_000)).ok).toBe(true);
  expect(verify(given, headers(AT * 1_000 - 1_001)).ok).toBe(false);
});

test('a signed id header is part of the signature', () => {
  const headers = {
    'webhook-id': 'm1',
    'webhook-timestamp': String(AT),
    'webhook-signature': `v1,x v1,${hmac(`m1.${AT}.{}`, 's', 'base64')}`,
  };
  expect(verify(svix, headers).ok).toBe(true);
  expect(verify(svix, { ...headers, 'webhook-id': 'm2' }).ok).toBe(false);
  const empty = {
    ...headers,
    'webhook-id': '',
    'webhook-signature': `v1,${hmac(`.${AT}.{}`, 's', 'base64')}`,
  };
  expect(verify(svix, empty)).toEqual({ ok: false, why: 'no webhook-id header' });
});

describe('a custom token', () => {
  const token = (prefix?: string) => ({
    signature: { kind: 'token', header: 'Authorization', ...(prefix === undefined ? {} : { prefix }) },
    ...rest,
  });

  test('is accepted if it is one of the secrets after its prefix', () => {
    expect(verify(token(), { authorization: 's' }).ok).toBe(true);
    expect(verify(token('Bearer '), { authorization: 'Bearer s' }, { secrets: ['n', 's'] }).ok).toBe(true);
    expect(verify(token('Bearer '), { authorization: 'bearer-s' }).ok).toBe(false);
    expect(verify(token('Bearer '), { authorization: 's' }).ok).toBe(false);
    expect(verify(token(), { authorization: 'ß' }, { secrets: ['ß'] }).ok).toBe(false);
    expect(
      verify(token(), { authorization: Buffer.from('ß').toString('latin1') }, { secrets: ['ß'] }).ok,
    ).toBe(true);
  });

  test.each(['', 'x', 'ss', 'S', ' s', 's '])('is rejected for the header %j', (authorization) => {
    expect(verify(token(), { authorization }).ok).toBe(false);
  });
});
