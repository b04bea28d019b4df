import { describe, expect, test } from 'vitest';
import { cpuTimeOf } from '../../test-support/cpu-time.ts';
import type { VerifiedWebhook } from '../../verification/webhook.ts';
import { unpackTelegram } from './unpack.ts';

function unpackText(text: string) {
  const webhook = { headers: {}, body: Buffer.from(text), receivedAt: 0 } as unknown as VerifiedWebhook;
  return unpackTelegram({ webhook, text, json: JSON.parse(text) }, {});
}
const unpack = (update: unknown) => unpackText(JSON.stringify(update));
const keysOf = (update: unknown) => unpack(update).map(({ idempotencyKey }) => idempotencyKey);
const topicsOf = (update: unknown) => unpack(update).map(({ topic }) => topic);

const chat = { id: -1_001_734_205_518, type: 'supergroup' };
const admin = { id: 1, first_name: 'Grace' };
const users = [11, 12, 13, 14, 15].map((id) => ({ id, first_name: `User ${id}` }));
const around = { chat, from: admin, date: 1_790_000_000 };

const message = (update_id: number, content: object) => ({ update_id, message: { ...around, ...content } });
const changed = (update_id: number, user: object, before: string, after: string) => ({
  update_id,
  chat_member: {
    ...around,
    old_chat_member: { user, status: before },
    new_chat_member: { user, status: after },
  },
});

describe('a membership change reported by two kinds of update', () => {
  const joins = users.map((user, index) => changed(101 + index, user, 'left', 'member'));
  const leaves = users.map((user, index) => changed(201 + index, user, 'member', 'left'));

  test('has the same key for each of five members who join', () => {
    const keys = keysOf(message(100, { new_chat_members: users }));
    expect(new Set(keys).size).toBe(5);
    expect(joins.flatMap(keysOf)).toEqual(keys);
  });

  test('has the same key for each member who leaves, different from a join', () => {
    const keys = users.flatMap((user, index) => keysOf(message(300 + index, { left_chat_member: user })));
    expect(leaves.flatMap(keysOf)).toEqual(keys);
    expect(new Set([...keys, ...joins.flatMap(keysOf)]).size).toBe(10);
  });

  test('has one topic per kind, enabled separately', () => {
    expect(topicsOf(message(1, { new_chat_members: users }))).toEqual(
      Array(5).fill('message.new_chat_members'),
    );
    expect(topicsOf(message(1, { left_chat_member: admin }))).toEqual(['message.left_chat_member']);
    expect(joins.flatMap(topicsOf)).toEqual(Array(5).fill('chat_member.joined'));
    expect(leaves.flatMap(topicsOf)).toEqual(Array(5).fill('chat_member.left'));
  });
});

test.each([
  ['chat', { chat: { id: -100 } }],
  ['second', { date: 1_790_000_001 }],
  ['user', { new_chat_members: [{ id: 99 }] }],
])('a join with another %s has another key', (_name, change) => {
  const join = { new_chat_members: [users[0]] };
  expect(keysOf(message(1, { ...join, ...change }))).not.toEqual(keysOf(message(1, join)));
});

test('other updates have a key made from their update id', () => {
  const texts = [1, 2].map((id) => message(id, { text: 'hello' }));
  expect(texts.map(keysOf)).toEqual([['["update","1"]'], ['["update","2"]']]);
  expect(keysOf({ update_id: 1, callback_query: { id: 'x' } })).toEqual(['["update","1"]']);
  expect(keysOf({ message: { text: 'a' } })).toEqual(keysOf({ message: { text: 'a' } }));
  expect(keysOf({ message: { text: 'a' } })).not.toEqual(keysOf({ message: { text: 'b' } }));
});

test('each member has a separate body with the exact text received', () => {
  const text = `{"update_id": 7 , "message":{"date":1790000000.0,"chat":{"id":-1001734205518, "title":"\\u00e9"},
    "new_chat_members":[ {"id":820982911946154508,"x":1.50} ,{"id":820982911946154509} ]}}`;
  const items = unpackText(text);
  expect(items.map(({ body }) => body)).toEqual([
    '{"update_id":7,"chat":{"id":-1001734205518, "title":"\\u00e9"},"date":1790000000.0,"member":{"id":820982911946154508,"x":1.50}}',
    '{"update_id":7,"chat":{"id":-1001734205518, "title":"\\u00e9"},"date":1790000000.0,"member":{"id":820982911946154509}}',
  ]);
  for (const { body, input, occurredAt } of items) {
    expect(JSON.parse(body)).toEqual(input);
    expect(occurredAt).toBe(1_790_000_000_000);
  }
  // Rounded to a double, the two users would have one id.
  expect(new Set(items.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2);
});

test('members without an id have keys made from update id and index', () => {
  const update = (id: number) => message(id, { new_chat_members: [{}, { id: 'x' }, 5] });
  expect(new Set([...keysOf(update(1)), ...keysOf(update(2))]).size).toBe(6);
  expect(keysOf(update(1))).toEqual(keysOf(update(1)));
});

describe('the topic of my_chat_member', () => {
  const status = (type: string | undefined, before: string, after: string) => ({
    update_id: 5,
    my_chat_member: {
      chat: { id: 1, type },
      date: 1,
      old_chat_member: { status: before },
      new_chat_member: { status: after },
    },
  });

  test.each([
    ['supergroup', 'left', 'member', 'my_chat_member.added'],
    ['group', 'kicked', 'administrator', 'my_chat_member.added'],
    ['channel', 'left', 'administrator', 'my_chat_member.added'],
    [undefined, 'left', 'member', 'my_chat_member.added'],
    ['supergroup', 'member', 'left', 'my_chat_member.removed'],
    ['channel', 'administrator', 'kicked', 'my_chat_member.removed'],
    ['private', 'member', 'kicked', 'my_chat_member.blocked'],
    ['private', 'kicked', 'member', 'my_chat_member.unblocked'],
    ['supergroup', 'member', 'administrator', 'my_chat_member'],
    ['supergroup', 'left', 'kicked', 'my_chat_member'],
  ])('in a %s from %s to %s is %s', (type, before, after, topic) => {
    const [item] = unpack(status(type, before, after));
    expect(item).toMatchObject({ topic, idempotencyKey: '["update","5"]', occurredAt: 1_000 });
    expect(item?.body).toBe(JSON.stringify(status(type, before, after)));
  });
});

describe('an update without an event has the topic of its kind', () => {
  test.each<[unknown, string]>([
    [message(1, { text: 'hello' }), 'message'],
    [message(1, { new_chat_members: [] }), 'message'],
    [message(1, { new_chat_members: null, left_chat_member: null }), 'message'],
    [changed(1, admin, 'member', 'administrator'), 'chat_member'],
    [changed(1, admin, 'left', 'kicked'), 'chat_member'],
    [{ update_id: 1, chat_member: null }, 'chat_member'],
    [{ update_id: 1, my_chat_member: 5 }, 'my_chat_member'],
    [{ update_id: 1, message: ['x'] }, 'message'],
    [{ something_new: { date: 5 }, update_id: 1 }, 'something_new'],
    [{ update_id: 1 }, 'update'],
    [{}, 'update'],
    [[], 'update'],
    [null, 'update'],
    ['message', 'update'],
    [5, 'update'],
    [true, 'update'],
  ])('%j', (update, topic) => {
    expect(topicsOf(update)).toEqual([topic]);
    expect(unpack(update)[0]?.body).toBe(JSON.stringify(update));
  });
});

test('a value in place of a user becomes an item, so that it is quarantined and not lost', () => {
  expect(unpack(message(1, { new_chat_members: { id: 1 } }))).toHaveLength(1);
  expect(unpack(message(1, { new_chat_members: [null, 5, [], 'x'] })).map(({ input }) => input)).toEqual(
    [null, 5, [], 'x'].map((member) => ({ update_id: 1, ...around, member })),
  );
  const nameless = { old_chat_member: { status: 'left' }, new_chat_member: { status: 'member' } };
  expect(unpack({ update_id: 1, chat_member: nameless })).toMatchObject([
    { topic: 'chat_member.joined', input: { member: null } },
  ]);
});

test('20,000 members are unpacked in linear time', () => {
  const many = Array.from({ length: 20_000 }, (_, id) => ({ id, first_name: 'User' }));
  const text = JSON.stringify(message(1, { new_chat_members: many }));
  const took = cpuTimeOf(() => expect(unpackText(text)).toHaveLength(20_000));
  // 0.2 s. Reading the whole text once per member took more than a minute.
  expect(took).toBeLessThan(5_000);
});
