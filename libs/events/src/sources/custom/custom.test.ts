import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { SourceDefinition } from '../../definitions/define-source.ts';
import { chooseEvents } from '../../pipeline/choose-events.ts';
import { mapDelivery } from '../../pipeline/prepare-event.ts';
import { unpackWebhook, validateDelivery, verifyWebhook } from '../../pipeline/receive-webhook.ts';
import { parseWebhook } from '../../verification/webhook.ts';
import { custom } from './custom.ts';

const plain = {
  signature: { kind: 'token', header: 'x-token' },
  topic: { path: 'type' },
  events: { '*': { name: 'somethingHappened' } },
};

/** Takes a body through parse, unpack and map; verification uses the token `s`. */
function receive(body: string, given: Record<string, unknown>, headers: Record<string, string> = {}) {
  const settings = custom.settings.parse({
    ...plain,
    ...given,
  });
  const webhook = {
    headers: { 'x-token': 's', ...headers },
    body: Buffer.from(body),
    receivedAt: 0,
  };
  const verification = verifyWebhook(custom, webhook, { secrets: ['s'], settings });
  if (!verification.ok) throw new Error(verification.why);
  const parsing = parseWebhook(verification.webhook);
  if (!parsing.ok) throw new Error(parsing.detail);
  const source = custom as SourceDefinition;
  const choice = chooseEvents(source, settings);
  if (!choice.ok) throw new Error(choice.unknownTopics.join());
  return { settings, ...unpackWebhook(source, { id: 'c', settings, events: choice.events }, parsing.parsed) };
}

function eventOf(body: string, given: Record<string, unknown>, headers: Record<string, string> = {}) {
  const { deliveries, settings } = receive(body, given, headers);
  const [unpacked] = deliveries;
  if (!unpacked) throw new Error('ignored');
  const issues = validateDelivery(unpacked);
  const mapping = mapDelivery(unpacked.event, unpacked.delivery, settings);
  return { issues, event: mapping.ok ? mapping.event : undefined };
}

const deliveryId = expect.stringMatching(/^dlv_/);

describe('the topic of a custom webhook', () => {
  const topicOf = (topic: unknown, body: string, headers: Record<string, string> = {}) =>
    receive(body, { topic }, headers).deliveries[0]?.delivery.topic;

  test('comes from a header, the body, or both', () => {
    const header = { 'x-event': 'issues' };
    expect(topicOf({ header: 'X-Event' }, '{}', header)).toBe('issues');
    expect(topicOf({ path: 'event.name' }, '{"event":{"name":"paid"}}')).toBe('paid');
    expect(topicOf({ header: 'x-event', path: 'action' }, '{"action":"opened"}', header)).toBe(
      'issues.opened',
    );
    expect(topicOf({ header: 'x-event', path: 'action' }, '{}', header)).toBe('issues');
  });

  test.each([
    '{}',
    '[]',
    '7',
    'null',
    '{"type":null}',
    '{"type":{}}',
    '{"type":""}',
    '{"type":9007199254740993}',
  ])('is "" for the body %s', (body) => {
    expect(topicOf({ path: 'type' }, body)).toBe('');
  });

  test('without an event is ignored', () => {
    expect(receive('{"type":"b"}', { events: { a: { name: 'a' } } })).toMatchObject({
      deliveries: [],
      ignored: 1,
    });
  });
});

describe('the idempotency key of a custom webhook', () => {
  const keyOf = (idempotencyKey: unknown, body: string, headers: Record<string, string> = {}) =>
    receive(body, { idempotencyKey }, headers).deliveries[0]?.delivery.idempotencyKey;

  test('consists of topic and id', () => {
    const place = { path: 'id' };
    expect(keyOf(place, '{"id":"1","try":1}')).toBe(keyOf(place, '{"id":"1","try":2}'));
    expect(keyOf(place, '{"id":"1"}')).not.toBe(keyOf(place, '{"id":"2"}'));
    expect(keyOf(place, '{"id":"1","type":"a"}')).not.toBe(keyOf(place, '{"id":"1","type":"b"}'));
    expect(keyOf({ header: 'X-Id' }, '{}', { 'x-id': '1' })).not.toBe(
      keyOf({ header: 'X-Id' }, '{}', { 'x-id': '2' }),
    );
  });

  test.each(['{}', '{"id":null}', '{"id":""}', '{"id":{}}', '{"id":1e999}'])(
    'contains a hash of the body %s',
    (body) => {
      const place = { path: 'id' };
      expect(keyOf(place, body)).toBe(keyOf(place, body));
      expect(keyOf(place, body)).toMatch(/sha256/);
      expect(keyOf(place, body)).not.toBe(keyOf(place, `${body} `));
      expect(keyOf(undefined, body)).toBe(keyOf(place, body));
    },
  );

  test('distinguishes ids that JavaScript rounds to the same number', () => {
    const place = { path: 'id' };
    expect(keyOf(place, '{"id":9007199254740993}')).not.toBe(keyOf(place, '{"id":9007199254740992}'));
  });
});

describe('the payload of a custom event', () => {
  test('is the whole body unless fields are picked', () => {
    expect(eventOf('{"type":"paid","n":null,"deep":{"a":[1]}}', {})).toEqual({
      issues: [],
      event: {
        type: 'somethingHappened',
        payload: { type: 'paid', data: { type: 'paid', n: null, deep: { a: [1] } }, deliveryId },
      },
    });
    expect(eventOf('[1]', {})).toEqual({
      issues: [{ path: '', message: expect.stringContaining('expected object') }],
      event: undefined,
    });
  });

  const pick = { amount: 'data.amount', first: 'lines.0.name', all: '$', who: 'constructor.name' };
  const picked = (body: string, payload: unknown, required: string[] = []) =>
    eventOf(body, { events: { '*': { name: 'paid', payload, required } } });

  test('has the picked fields that exist', () => {
    const body = '{"type":"paid","data":{"amount":"1.00"},"lines":[{"name":"x"}]}';
    expect(picked(body, pick)).toEqual({
      issues: [],
      event: {
        type: 'paid',
        payload: { type: 'paid', amount: '1.00', first: 'x', all: JSON.parse(body), deliveryId },
      },
    });
    expect(picked('{"data":{"amount":null},"lines":[]}', { ...pick, all: 'none' })).toEqual({
      issues: [],
      event: { type: 'paid', payload: { type: '', deliveryId } },
    });
  });

  test.each(['{"data":{}}', '{"data":{"amount":null}}', '[]', 'null', '7'])(
    'is quarantined for the body %s, which lacks a required field',
    (body) => {
      expect(picked(body, pick, ['amount'])).toEqual({
        issues: [{ path: 'data.amount', message: 'is missing (required by the payload field amount)' }],
        event: undefined,
      });
    },
  );

  test('may have a field named type', () => {
    expect(picked('{"type":"a","kind":7}', { type: 'kind' }).event?.payload).toEqual({ type: 7, deliveryId });
  });

  test('pollutes no prototype', () => {
    const body = '{"type":"x","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const { event } = picked(body, { a: '__proto__', b: 'constructor.prototype', c: '$' });
    expect(event?.payload).toMatchObject({ a: { polluted: 1 }, b: { polluted: 1 } });
    expect(eventOf(body, {}).event).toBeDefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('has a schema that converts to JSON Schema, as Botpress needs', () => {
    const given = { '*': { name: 'all' }, a: { name: 'some', payload: pick, required: ['amount'] } };
    const settings = custom.settings.parse({ ...plain, events: given });
    const schemas = (custom.eventsOf?.(settings) ?? []).map(({ schema }) => z.toJSONSchema(schema));
    expect(schemas.map(({ required }) => required)).toEqual([
      ['type', 'deliveryId'],
      ['type', 'amount', 'deliveryId'],
    ]);
  });
});

test('two topics may share one custom event', () => {
  const one = { name: 'ticketTouched', title: 'Ticket touched', payload: { id: 'id' } };
  const settings = custom.settings.parse({ ...plain, events: { opened: one, closed: { ...one } } });
  expect(custom.eventsOf?.(settings)).toMatchObject([
    { name: 'ticketTouched', title: 'Ticket touched', topic: ['opened', 'closed'] },
  ]);
});

describe('the generic event of custom webhooks', () => {
  test('is the event of every topic without settings.events', () => {
    const body = '{"type":"user.created","id":7,"list":[null]}';
    const { issues, event } = eventOf(body, { events: undefined });
    expect(issues).toEqual([]);
    expect(event).toEqual({
      type: 'received',
      payload: {
        source: 'custom',
        connection: 'c',
        topic: 'user.created',
        // The source knows no time, so it is the time of receipt.
        occurredAt: '1970-01-01T00:00:00.000Z',
        data: JSON.parse(body),
        deliveryId,
      },
    });
    expect(eventOf('{}', { events: undefined }).event?.payload.topic).toBe('');
  });

  test('can be named for some topics beside own events', () => {
    const events = { push: { name: 'pushed' }, '*': { name: 'received' } };
    expect(eventOf('{"type":"push"}', { events }).event).toMatchObject({
      type: 'pushed',
      payload: { type: 'push' },
    });
    expect(eventOf('{"type":"fork"}', { events }).event).toMatchObject({
      type: 'received',
      payload: { topic: 'fork', connection: 'c' },
    });
  });

  test('rejects a body that is not an object', () => {
    expect(eventOf('[1]', { events: undefined }).issues).toHaveLength(1);
  });
});
