import { describe, expect, test } from 'vitest';
import type { VerifiedWebhook } from '../../verification/webhook.ts';
import { whatsappSamples } from './samples.ts';
import { topics } from './topics.ts';
import { unpackWhatsApp } from './unpack.ts';

const webhook = { headers: {}, body: Buffer.alloc(0), receivedAt: 0 } as unknown as VerifiedWebhook;
const unpack = (text: string) => unpackWhatsApp({ webhook, text, json: JSON.parse(text) });

const metadata = { display_phone_number: '15550100000', phone_number_id: '1' };
const change = (value: object, field: unknown = 'messages') => ({ field, value });
const wrap = (...changes: object[]) => JSON.stringify({ entry: [{ id: '9', changes }] });
const keysOf = (text: string) => unpack(text).map(({ idempotencyKey }) => idempotencyKey);

const batch = whatsappSamples.compose('batch', { number: 3, now: 1_790_000_000_000, settings: {} }).body;

test('unpackWhatsApp gives each item of a batch a topic, a key and a time', () => {
  const items = unpack(batch);
  expect(items.map(({ topic }) => topic)).toEqual([
    'messages',
    'messages.request_welcome',
    'statuses',
    'statuses',
    'other',
    'errors',
    'message_template_status_update',
  ]);
  expect(new Set(items.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(7);
  expect(items.filter(({ occurredAt }) => occurredAt === 1_790_000_000_000)).toHaveLength(6);
  expect(unpack(batch)).toEqual(items);
});

describe('the body of a WhatsApp item', () => {
  const text = `{"entry":[ {"id":9007199254740993, "changes":[{"field":"messages","value":{"metadata":
    {"phone_number_id":"1", "n":1.50},"contacts":[{"wa_id":"7"},{"wa_id" : "8"}],"messages":[
    {"id":"a","from":"8","order":{"price":3.10,"id":820982911946154508}} ,{"id":"b","text":{"body":"\\u00fc ü"}}]}}]}]}`;

  test('is the exact text received and parses to its input', () => {
    const [first, second] = unpack(text);
    expect(first?.body).toBe(
      '{"entry_id":9007199254740993,"field":"messages","metadata":{"phone_number_id":"1", "n":1.50},' +
        '"contact":{"wa_id" : "8"},"message":{"id":"a","from":"8","order":{"price":3.10,"id":820982911946154508}}}',
    );
    expect(second?.body).toBe(
      '{"entry_id":9007199254740993,"field":"messages","metadata":{"phone_number_id":"1", "n":1.50},' +
        '"message":{"id":"b","text":{"body":"\\u00fc ü"}}}',
    );
    for (const { body, input } of unpack(text)) expect(input).toEqual(JSON.parse(body));
  });

  test('has the last value of a duplicate key, like JSON.parse', () => {
    const [item] = unpack(
      '{"entry":[],"entry":[{"changes":[{"field":"x","field":"messages","value":{"messages":[{"id":"a","id":"b"}]}}]}]}',
    );
    expect(item).toMatchObject({ topic: 'messages', input: { message: { id: 'b' } } });
    expect(item?.idempotencyKey).toContain('"b"');
  });

  test("has the exact digits of a template's id", () => {
    const [item] = unpack(
      '{"entry":[{"changes":[{"field":"message_template_status_update","value":{"message_template_id":820982911946154508}}]}]}',
    );
    expect(item?.input).toMatchObject({ template_id: '820982911946154508' });
  });
});

describe('the contact of a WhatsApp message', () => {
  const contacts = [{ wa_id: '7', profile: { name: 'Seven' } }, { user_id: 'US.8' }];
  test.each([
    ['by number', contacts, { from: '7' }, contacts[0]],
    ['by business-scoped id', contacts, { from_user_id: 'US.8' }, contacts[1]],
    ['as the only contact of the value', [contacts[1]], { from: '9' }, contacts[1]],
    ['in no contact if none of several matches', contacts, { from: '9' }, undefined],
    ['in no contact if there are no contacts', undefined, { from: '7' }, undefined],
    ['in no contact if contacts is not an array', { wa_id: '7' }, { from: '7' }, undefined],
  ])('is found %s', (_name, given, from, expected) => {
    const message = { id: 'a', ...from };
    const [item] = unpack(wrap(change({ metadata, contacts: given, messages: [message] })));
    expect(item?.input).toEqual({
      entry_id: '9',
      field: 'messages',
      metadata,
      ...(expected && { contact: expected }),
      message,
    });
  });
});

describe('the WhatsApp idempotency key', () => {
  const message = { id: 'a', timestamp: '1', type: 'text' };
  const status = { id: 'a', status: 'sent', timestamp: '1' };
  const keyOf = (value: object, field?: string) => keysOf(wrap(change({ metadata, ...value }, field)))[0];

  test('of a message is its id, independent of its other content and of the batch', () => {
    const key = keyOf({ messages: [message] });
    expect(keyOf({ messages: [{ ...message, type: 'image' }], contacts: [{ wa_id: '7' }] })).toBe(key);
    const later = wrap(
      change({ statuses: [status] }),
      change({ metadata, messages: [{ id: 'b' }, message] }),
    );
    expect(keysOf(later)[2]).toBe(key);
    expect(keyOf({ messages: [{ ...message, id: 'b' }] })).not.toBe(key);
    expect(keyOf({ messages: [message], metadata: { phone_number_id: '2' } })).not.toBe(key);
    expect(keyOf({ statuses: [status] })).not.toBe(key);
  });

  test('of a status consists of id, status and time, and in a group the participant', () => {
    const key = keyOf({ statuses: [status] });
    expect(keyOf({ statuses: [{ ...status, pricing: { billable: true } }] })).toBe(key);
    const others = [
      { id: 'b' },
      { status: 'read' },
      { timestamp: '2' },
      { recipient_participant_id: '7' },
      { recipient_participant_user_id: 'US.7' },
    ].map((other) => keyOf({ statuses: [{ ...status, ...other }] }));
    expect(new Set([key, ...others]).size).toBe(6);
    expect(keyOf({ statuses: [status], metadata: { phone_number_id: '2' } })).not.toBe(key);
  });

  test('of any other item consists of account, field and exact value, without the time of sending', () => {
    const other = (value: string, field = '"account_update"', entry = '"id":"9"') =>
      keysOf(`{"entry":[{${entry},"changes":[{"field":${field},"value":${value}}]}]}`)[0];
    const key = other('{"event":"X"}');
    expect(other('{"event":"X"}', undefined, '"id":"9","time":5')).toBe(key);
    const others = [
      other('{"event":"Y"}'),
      other('{"event":"X"}', '"calls"'),
      other('{"event":"X"}', undefined, '"id":"8"'),
      other('{"event":"X"}', 'null'),
      other('1'),
      other('1.0'),
    ];
    expect(new Set([key, ...others]).size).toBe(7);
  });

  test.each(['messages', 'statuses', 'errors'])(
    'of %s without an id contains their index in the value',
    (list) => {
      const keys = keysOf(wrap(change({ [list]: [{}, {}, null, 5, { id: 7 }, { id: {} }] })));
      expect(new Set(keys).size).toBe(6);
      expect(keysOf(wrap(change({ [list]: [{}, {}, null, 5, { id: 7 }, { id: {} }] })))).toEqual(keys);
    },
  );
});

test.each([
  ['a call with statuses of its calls', change({ calls: [], statuses: [{ id: 'c' }] }, 'calls')],
  ["the business's own messages", change({ message_echoes: [{ id: 'c' }] }, 'smb_message_echoes')],
  ['history', change({ history: [{ threads: [] }] }, 'history')],
  ['a field that is not text', change({ messages: [{ id: 'a' }] }, 5)],
  ['empty lists', change({ messages: [], statuses: [] })],
  ['lists that are not arrays', change({ messages: { id: 'a' }, statuses: 'x', errors: null })],
  ['a change without a value', { field: 'messages' }],
  ['a change that is null', null as unknown as object],
])('a change of unknown shape is one item of topic other: %s', (_name, odd) => {
  expect(unpack(wrap(odd))).toMatchObject([{ topic: topics.other }]);
});

test.each([
  [
    'an entry of another product',
    '{"entry":[{"id":"9","messaging":[{}]}]}',
    '{"value":{"id":"9","messaging":[{}]}}',
  ],
  ['no entries', '{"messages":[5]}', '{"value":{"messages":[5]}}'],
])('a change of unknown shape is one item of topic other: %s', (_name, text, body) => {
  expect(unpack(text)).toMatchObject([{ topic: topics.other, body }]);
});

test('a change without a field is unpacked by its lists', () => {
  expect(unpack('{"entry":[{"changes":[{"value":{"messages":[{"id":"a"}]}}]}]}')).toMatchObject([
    { topic: topics.message },
  ]);
});

test.each(['{"entry":[]}', '{"entry":[{"changes":[]}]}'])(
  'a webhook without changes has no items: %s',
  (text) => {
    expect(unpack(text)).toEqual([]);
  },
);
