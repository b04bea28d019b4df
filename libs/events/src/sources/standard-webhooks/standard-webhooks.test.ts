import { createHmac } from 'node:crypto';
import { readSharedFixtures } from '@sluice/testing';
import { describe, expect, test } from 'vitest';
import type { SourceDefinition } from '../../definitions/define-source.ts';
import { chooseEvents, findEvent } from '../../pipeline/choose-events.ts';
import { mapDelivery } from '../../pipeline/prepare-event.ts';
import { unpackWebhook, validateDelivery, verifyWebhook } from '../../pipeline/receive-webhook.ts';
import { parseWebhook } from '../../verification/webhook.ts';
import { standardWebhooks } from './standard-webhooks.ts';

const AT = 1_790_000_000;
const KEY = Buffer.from('standard-demo-secret');
const SECRET = `whsec_${KEY.toString('base64')}`;

const given = {
  events: { 'invoice.paid': 'invoicePaid', 'invoice.voided': 'invoicePaid', '*': 'somethingHappened' },
};

const hmac = (content: string | Buffer, key: Buffer = KEY) =>
  createHmac('sha256', key).update(content).digest('base64');

/** Signs a body without the code of the samples, and returns the headers. */
function signed(body: string, { id = 'msg_1', at = AT, prefix = 'webhook' } = {}): Record<string, string> {
  return {
    [`${prefix}-id`]: id,
    [`${prefix}-timestamp`]: String(at),
    [`${prefix}-signature`]: `v1,${hmac(`${id}.${at}.${body}`)}`,
  };
}

function verify(
  headers: Record<string, string>,
  body = '{}',
  secrets: readonly string[] = [SECRET],
  at = AT,
) {
  const settings = standardWebhooks.settings.parse(given);
  const webhook = { headers, body: Buffer.from(body), receivedAt: at * 1_000 };
  return verifyWebhook(standardWebhooks, webhook, { secrets, settings });
}

function receive(body: string, settingsGiven: unknown = given, headers = signed(body)) {
  const settings = standardWebhooks.settings.parse(settingsGiven);
  const verification = verify(headers, body);
  if (!verification.ok) throw new Error(verification.why);
  const parsing = parseWebhook(verification.webhook);
  if (!parsing.ok) throw new Error(parsing.detail);
  const source = standardWebhooks as SourceDefinition;
  const choice = chooseEvents(source, settings);
  if (!choice.ok) throw new Error(choice.unknownTopics.join());
  const { deliveries, ignored } = unpackWebhook(
    source,
    { id: 'c', settings, events: choice.events },
    parsing.parsed,
  );
  return { deliveries, ignored, settings };
}

function eventOf(body: string, settingsGiven: unknown = given) {
  const { deliveries, settings } = receive(body, settingsGiven);
  const [unpacked] = deliveries;
  if (!unpacked) throw new Error('ignored');
  return mapDelivery(unpacked.event, unpacked.delivery, settings);
}

describe('verification of Standard Webhooks', () => {
  test('accepts either set of headers, never a mix', () => {
    expect(verify(signed('{}'))).toMatchObject({ ok: true });
    expect(verify(signed('{}', { prefix: 'svix' }))).toMatchObject({ ok: true });
    const { 'webhook-id': id, ...others } = signed('{}');
    expect(verify({ ...others, 'svix-id': String(id) })).toMatchObject({ ok: false });
    const own = signed('{}', { id: 'real' });
    expect(verify({ ...signed('{}', { id: 'other', prefix: 'svix' }), ...own })).toMatchObject({ ok: true });
  });

  test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])(
    'rejects a webhook without %s',
    (name) => {
      const { [name]: _, ...headers } = signed('{}');
      expect(verify(headers)).toMatchObject({ ok: false, why: expect.stringMatching(/^no webhook-id/) });
    },
  );

  test.each([
    [-301, false],
    [-300, true],
    [-299, true],
    [0, true],
    [299, true],
    [300, true],
    [301, false],
  ])('of a webhook received %i s after signing returns %s', (seconds, ok) => {
    expect(verify(signed('{}'), '{}', [SECRET], AT + seconds).ok).toBe(ok);
  });

  test.each(['soon', '1e9', '-1', '1790000000.0', ' 1790000000', '0x6AB13B80', ''])(
    'rejects the signed timestamp %j',
    (timestamp) => {
      const headers = {
        'webhook-id': 'm',
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${hmac(`m.${timestamp}.{}`)}`,
      };
      expect(verify(headers).ok).toBe(false);
    },
  );

  test.each(['id', 'timestamp', 'body'])('rejects a changed %s', (part) => {
    const headers = signed('{}');
    expect(verify(part === 'id' ? { ...headers, 'webhook-id': 'msg_2' } : headers).ok).toBe(part !== 'id');
    expect(
      verify(part === 'timestamp' ? { ...headers, 'webhook-timestamp': String(AT + 1) } : headers).ok,
    ).toBe(part !== 'timestamp');
    expect(verify(headers, part === 'body' ? '{ }' : '{}').ok).toBe(part !== 'body');
  });

  test('covers the exact bytes, including bytes that are not text', () => {
    const body = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
    const content = Buffer.concat([Buffer.from(`m.${AT}.`), body]);
    const headers = {
      'webhook-id': 'm',
      'webhook-timestamp': String(AT),
      'webhook-signature': `v1,${hmac(content)}`,
    };
    const settings = standardWebhooks.settings.parse(given);
    const webhook = { headers, body, receivedAt: AT * 1_000 };
    expect(verifyWebhook(standardWebhooks, webhook, { secrets: [SECRET], settings })).toMatchObject({
      ok: true,
    });
  });

  test('finds the matching signature in a rotation list and skips other versions', () => {
    const { 'webhook-signature': right = '', ...headers } = signed('{}');
    const list = (...entries: string[]) => verify({ ...headers, 'webhook-signature': entries.join(' ') }).ok;
    const wrong = `v1,${hmac('other')}`;
    expect(list(wrong, 'v1a,xyz', right)).toBe(true);
    expect(list('', right, '')).toBe(true);
    expect(list(right.replace('v1,', 'v2,'))).toBe(false);
    expect(list(right.replace('v1,', 'v1a,'))).toBe(false);
    expect(list(right.replace('v1,', ''))).toBe(false);
    expect(list(right.replace('v1,', 'v1='))).toBe(false);
    expect(list(wrong, 'v1,')).toBe(false);
  });

  test('tries at most twenty signatures', () => {
    const { 'webhook-signature': right = '', ...headers } = signed('{}');
    const after = (count: number) =>
      verify({ ...headers, 'webhook-signature': `${`v1,${hmac('x')} `.repeat(count)}${right}` }).ok;
    expect(after(19)).toBe(true);
    expect(after(20)).toBe(false);
  });

  test('accepts any of several secrets', () => {
    expect(verify(signed('{}'), '{}', ['whsec_bmV3', SECRET]).ok).toBe(true);
    expect(verify(signed('{}'), '{}', ['whsec_bmV3', 'whsec_b2xk']).ok).toBe(false);
  });

  test('accepts a secret without prefix as characters or as base64', () => {
    expect(verify(signed('{}'), '{}', ['standard-demo-secret']).ok).toBe(true);
    expect(verify(signed('{}'), '{}', [KEY.toString('base64')]).ok).toBe(true);
    expect(verify(signed('{}'), '{}', [KEY.toString('hex')]).ok).toBe(false);
  });

  test.each(['whsec_', 'whsec_not base64!', 'whsec_abcde', 'whsec_YQ=', 'whsec_a-b_'])(
    'reports the invalid secret %s without showing it',
    (secret) => {
      const verdict = verify(signed('{}'), '{}', ['whsec_bmV3', secret]);
      expect(verdict).toEqual({
        ok: false,
        why: 'signature does not match; secret 2 begins with whsec_, but the rest is not base64',
      });
      expect(verify(signed('{}'), '{}', [secret, SECRET])).toMatchObject({ ok: true });
      expect(() => standardWebhooks.samples?.sign({ headers: {}, body: '' }, secret)).toThrow(
        'Invalid secret: it begins with whsec_, but the rest is not base64.',
      );
    },
  );

  test('rejects an empty key', () => {
    const signature = createHmac('sha256', '').update(`m.${AT}.{}`).digest('base64');
    const headers = {
      'webhook-id': 'm',
      'webhook-timestamp': String(AT),
      'webhook-signature': `v1,${signature}`,
    };
    expect(verify(headers, '{}', ['whsec_']).ok).toBe(false);
  });
});

describe('events of Standard Webhooks', () => {
  const body =
    '{"type":"invoice.paid","timestamp":"2026-09-21T14:13:20Z","data":{"amount":12},"tenant":"t1"}';

  test('have type, id, time and data', () => {
    expect(eventOf(body)).toEqual({
      ok: true,
      event: {
        type: 'invoicePaid',
        payload: {
          type: 'invoice.paid',
          id: 'msg_1',
          timestamp: '2026-09-21T14:13:20Z',
          data: { amount: 12 },
          deliveryId: expect.stringMatching(/^dlv_/),
        },
      },
    });
  });

  test('have the whole body if it has no data or if passOn is body', () => {
    for (const data of ['[1]', '"text"', 'null', '7']) {
      expect(eventOf(`{"type":"x","data":${data}}`)).toMatchObject({
        event: { type: 'somethingHappened', payload: { data: { type: 'x', data: JSON.parse(data) } } },
      });
    }
    expect(eventOf(body, { ...given, passOn: 'body' })).toMatchObject({
      event: { payload: { data: { tenant: 't1', data: { amount: 12 } } } },
    });
  });

  test('are named by the settings; two types may share an event', () => {
    const { settings } = receive(body);
    const choice = chooseEvents(standardWebhooks as SourceDefinition, settings);
    if (!choice.ok) throw new Error('refused');
    const nameOf = (topic: string) => findEvent(choice.events, topic)?.name;
    expect(nameOf('invoice.paid')).toBe('invoicePaid');
    expect(nameOf('invoice.voided')).toBe('invoicePaid');
    expect(nameOf('user.created')).toBe('somethingHappened');
    expect(new Set(choice.events.values()).size).toBe(2);
  });

  test('are ignored for types without an entry', () => {
    expect(receive('{"type":"user.created"}', { events: { 'invoice.paid': 'invoicePaid' } })).toMatchObject({
      deliveries: [],
      ignored: 1,
    });
  });

  test('take the type from topicPath', () => {
    expect(eventOf('{"event":{"name":"invoice.paid"}}', { ...given, topicPath: 'event.name' })).toMatchObject(
      { event: { type: 'invoicePaid', payload: { type: 'invoice.paid' } } },
    );
  });

  test.each([
    '{}',
    '{"type":7}',
    '{"type":null}',
    '{"type":{"__proto__":1}}',
    '{"__proto__":{"type":"invoice.paid"}}',
  ])('of the body %s without a type match *', (odd) => {
    expect(eventOf(odd)).toMatchObject({
      ok: true,
      event: { type: 'somethingHappened', payload: { type: '' } },
    });
  });

  test.each(['[]', '7', '"invoice.paid"', 'null', 'true'])(
    'of the body %s are quarantined, not rejected',
    (odd) => {
      const [unpacked] = receive(odd).deliveries;
      if (!unpacked) throw new Error('ignored');
      expect(validateDelivery(unpacked)).toHaveLength(1);
    },
  );

  test('have the time of the body if it holds one', () => {
    const occurredAt = (timestamp: string) =>
      receive(`{"type":"x","timestamp":${timestamp}}`).deliveries[0]?.delivery.occurredAt;
    expect(occurredAt('"2026-09-21T14:13:20Z"')).toBe(AT * 1_000);
    for (const odd of ['7', '"7"', '"soon"', '"2026-99-99T00:00:00Z"', 'null', '{}']) {
      expect(occurredAt(odd)).toBeUndefined();
    }
  });
});

test('a resend with the same webhook-id has the same idempotency key at any signing time', () => {
  const key = (headers: Record<string, string>) =>
    receive('{"type":"x"}', given, headers).deliveries[0]?.delivery.idempotencyKey;
  expect(key(signed('{"type":"x"}', { at: AT + 60 }))).toBe(key(signed('{"type":"x"}')));
  expect(key(signed('{"type":"x"}', { id: 'msg_2' }))).not.toBe(key(signed('{"type":"x"}')));
  expect(key(signed('{"type":"x"}', { prefix: 'svix' }))).toBe(key(signed('{"type":"x"}')));
});

test.each([
  [{ events: {} }, 'events'],
  [{ events: { x: 'InvoicePaid' } }, 'events.x'],
  [{ events: { x: 'invoice_paid' } }, 'events.x'],
  [{ events: { x: `a${'b'.repeat(200)}` } }, 'events.x'],
  [{ events: { '': 'x' } }, 'events.'],
  [{ events: { x: 'x' }, topicPath: 'a..b' }, 'topicPath'],
  [{ events: { x: 'x' }, passOn: 'all' }, 'passOn'],
  [{ events: { x: 'x' }, topics: 1 }, ''],
])('the settings %j are rejected', (settings, path) => {
  expect(
    standardWebhooks.settings.safeParse(settings).error?.issues.map((issue) => issue.path.join('.')),
  ).toEqual([path]);
});

interface Vector {
  readonly secret?: string;
  readonly body?: string;
  readonly 'webhook-id'?: string;
  readonly 'webhook-timestamp'?: number;
  readonly signature?: string | null;
  readonly 'webhook-signature_prefix'?: readonly string[];
}

const published = readSharedFixtures('signatures', /^standard-webhooks/);
test.skipIf(published.length === 0)('verifyStandardWebhooks accepts the published test vectors', () => {
  for (const { json } of published) {
    const [vector, wrong] = (json as { vectors: Vector[] }).vectors;
    if (!vector?.signature || !vector.secret || !wrong) throw new Error('another shape');
    const { signature, secret, body } = vector;
    const at = Number(vector['webhook-timestamp']);
    const head = { 'webhook-id': String(vector['webhook-id']), 'webhook-timestamp': String(at) };
    const verifyList = (...list: readonly string[]) =>
      verify({ ...head, 'webhook-signature': list.join(' ') }, body, [secret], at).ok;
    const others = wrong['webhook-signature_prefix'] ?? [];
    expect(others.length).toBeGreaterThan(0);
    expect(verifyList(signature)).toBe(true);
    expect(verifyList(...others, signature)).toBe(true);
    expect(verifyList(...others)).toBe(false);
  }
});

describe('the generic event of standard webhooks', () => {
  const body = JSON.stringify({ type: 'invoice.paid', timestamp: '2026-01-02T03:04:05Z', data: { id: 7 } });
  const received = {
    type: 'received',
    payload: {
      source: 'standard-webhooks',
      connection: 'c',
      topic: 'invoice.paid',
      occurredAt: '2026-01-02T03:04:05.000Z',
      data: { id: 7 },
      deliveryId: expect.stringMatching(/^dlv_/),
    },
  };

  test('is the event of every type without settings.events', () => {
    expect(eventOf(body, {})).toEqual({ ok: true, event: received });
    expect(eventOf('{}', {})).toMatchObject({ event: { type: 'received', payload: { topic: '' } } });
  });

  test('can be named for some types beside own events', () => {
    const events = { 'invoice.paid': 'received', 'user.created': 'userCreated' };
    expect(eventOf(body, { events })).toEqual({ ok: true, event: received });
    const created = JSON.stringify({ type: 'user.created', data: { id: 8 } });
    expect(eventOf(created, { events })).toMatchObject({
      event: { type: 'userCreated', payload: { id: 'msg_1' } },
    });
    expect(receive(JSON.stringify({ type: 'other' }), { events }).ignored).toBe(1);
  });

  test('contains the part of the body that passOn selects', () => {
    expect(eventOf(body, { passOn: 'body' })).toMatchObject({
      event: { payload: { data: JSON.parse(body) } },
    });
  });

  test('completes a delivery that was stored while its type had an own event', () => {
    const [stored] = receive(body).deliveries;
    const settings = standardWebhooks.settings.parse({});
    const choice = chooseEvents(standardWebhooks as SourceDefinition, settings);
    const event = choice.ok ? findEvent(choice.events, 'invoice.paid') : undefined;
    if (!stored || !event) throw new Error('not stored, or no event');
    expect(stored.event.name).toBe('invoicePaid');
    expect(mapDelivery(event, stored.delivery, settings)).toEqual({ ok: true, event: received });
  });
});
