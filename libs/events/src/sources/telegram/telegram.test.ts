import { readSharedFixtures } from '@sluice/testing';
import { describe, expect, test } from 'vitest';
import type { SourceDefinition } from '../../definitions/define-source.ts';
import { chooseEvents } from '../../pipeline/choose-events.ts';
import { mapDelivery } from '../../pipeline/prepare-event.ts';
import { unpackWebhook, validateDelivery, verifyWebhook } from '../../pipeline/receive-webhook.ts';
import { parseWebhook } from '../../verification/webhook.ts';
import { SAMPLE_ADMIN, SAMPLE_BOT, SAMPLE_GROUP, sampleUser, telegramSamples } from './samples.ts';
import { type TelegramSettings, telegramSettings } from './settings.ts';
import { telegram } from './telegram.ts';

const NOW = 1_790_000_000_000;
const SECRET = 'telegram-test-secret';
const choice = chooseEvents(telegram as SourceDefinition, {});
const events = choice.ok ? choice.events : new Map();

/** Takes an update through verify, parse and unpack. */
function receive(update: unknown, settings: TelegramSettings = {}) {
  const body = typeof update === 'string' ? update : JSON.stringify(update);
  const request = telegramSamples.sign({ headers: {}, body }, SECRET);
  const webhook = { headers: request.headers, body: Buffer.from(body), receivedAt: NOW };
  const verification = verifyWebhook(telegram, webhook, { secrets: [SECRET], settings });
  if (!verification.ok) throw new Error(verification.why);
  const parsing = parseWebhook(verification.webhook);
  if (!parsing.ok) throw new Error(parsing.detail);
  return unpackWebhook(telegram as SourceDefinition, { id: 'acme', settings, events }, parsing.parsed);
}

function eventsOf(update: unknown, settings: TelegramSettings = {}) {
  return receive(update, settings).deliveries.map((unpacked) => {
    expect(validateDelivery(unpacked)).toEqual([]);
    const mapping = mapDelivery(unpacked.event, unpacked.delivery, settings);
    if (!mapping.ok) throw new Error(JSON.stringify(mapping));
    return mapping.event;
  });
}

const sample = (topic: string, number = 1) =>
  JSON.parse(telegramSamples.compose(topic, { number, now: NOW, settings: {} }).body);

/** Topic and event of each captured update; `undefined` if it is ignored. */
const outcomes: Record<string, [topic: string, event: string] | undefined> = {
  'callback_query.nutgram.json': undefined,
  'chat_join_request.nutgram.json': ['chat_join_request', 'joinRequested'],
  'chat_member.nutgram.json': undefined,
  'edited_message.nutgram.json': undefined,
  'left_chat_member.nutgram.json': ['message.left_chat_member', 'memberLeft'],
  'message.nutgram.json': undefined,
  'message_reaction.nutgram.json': undefined,
  'my_chat_member.kicked.teloxide.json': ['my_chat_member.blocked', 'botRemovedFromChat'],
  'my_chat_member.nutgram.json': undefined,
  'new_chat_members.nutgram.json': ['message.new_chat_members', 'memberJoined'],
};

const shared = readSharedFixtures('telegram');
describe.skipIf(shared.length === 0)('captured Telegram updates', () => {
  test('all have an expectation', () =>
    expect(shared.map(({ name }) => name).sort()).toEqual(Object.keys(outcomes)));

  test.each(shared)('become the expected event: $name', ({ name, json }) => {
    const expected = outcomes[name];
    if (expected === undefined) return expect(receive(json)).toMatchObject({ deliveries: [], ignored: 1 });
    const [topic, type] = expected;
    const { deliveries, ignored } = receive(json);
    expect(ignored).toBe(0);
    expect(deliveries.map(({ delivery }) => delivery.topic)).toEqual([topic]);
    expect(deliveries[0]?.delivery).toMatchObject({ occurredAt: expect.any(Number), headers: {} });
    expect(eventsOf(json)).toMatchObject([
      { type, payload: { updateId: (json as { update_id: number }).update_id, chat: { type: 'private' } } },
    ]);
  });
});

test('five members in one update become five events, one per user', () => {
  const update = sample('message.new_chat_members');
  const members = update.message.new_chat_members;
  expect(members).toHaveLength(5);
  expect(eventsOf(update).map(({ type, payload }) => [type, payload.user])).toEqual(
    members.map((_: unknown, position: number) => [
      'memberJoined',
      expect.objectContaining({ id: sampleUser(1, NOW, position).id, firstName: expect.any(String) }),
    ]),
  );
});

test('memberJoined has user, chat, time and actor', () => {
  const [event] = eventsOf(sample('chat_member.joined', 4));
  const user = {
    id: sampleUser(4, NOW).id,
    isBot: false,
    firstName: 'Ada',
    lastName: 'Okafor',
    username: 'ada_okafor',
    languageCode: 'pt',
  };
  expect(event).toEqual({
    type: 'memberJoined',
    payload: {
      chat: { id: SAMPLE_GROUP.id, type: 'supergroup', title: 'Sluice & friends' },
      user,
      by: user,
      occurredAt: new Date(NOW).toISOString(),
      updateId: sample('chat_member.joined', 4).update_id,
      inviteLink: 'https://t.me/+Ab3dE…',
      inviteLinkName: 'Newsletter',
      deliveryId: expect.stringMatching(/^dlv_/),
    },
  });
});

test('memberLeft distinguishes leaving from being removed', () => {
  const left = eventsOf(sample('message.left_chat_member'))[0]?.payload;
  expect(left).toMatchObject({ user: { id: sampleUser(1, NOW).id }, by: { id: sampleUser(1, NOW).id } });
  const removed = eventsOf(sample('chat_member.left'))[0]?.payload;
  expect(removed).toMatchObject({ user: { id: sampleUser(1, NOW).id }, by: { id: SAMPLE_ADMIN.id } });
});

test('botAddedToChat and botRemovedFromChat cover groups and blocking users', () => {
  const summarize = (topic: string) =>
    eventsOf(sample(topic)).map(({ type, payload }) => [type, payload.status, payload.chat]);
  const group = { id: SAMPLE_GROUP.id, type: 'supergroup', title: 'Sluice & friends' };
  const user = { id: sampleUser(1, NOW).id, type: 'private' };
  expect(summarize('my_chat_member.added')).toEqual([['botAddedToChat', 'member', group]]);
  expect(summarize('my_chat_member.removed')).toEqual([['botRemovedFromChat', 'left', group]]);
  expect(summarize('my_chat_member.unblocked')).toEqual([['botAddedToChat', 'member', user]]);
  expect(summarize('my_chat_member.blocked')).toEqual([['botRemovedFromChat', 'kicked', user]]);
});

test('joinRequested has the user and the chat to reply in', () => {
  expect(eventsOf(sample('chat_join_request'))).toMatchObject([
    {
      type: 'joinRequested',
      payload: {
        user: { id: sampleUser(1, NOW).id },
        userChatId: sampleUser(1, NOW).id,
        bio: 'Reads along.',
      },
    },
  ]);
});

test('ids of 52 bits and negative ids are preserved', () => {
  const update = sample('chat_member.joined');
  update.chat_member.chat.id = -(2 ** 52);
  update.chat_member.new_chat_member.user.id = 2 ** 52 - 1;
  expect(eventsOf(update)[0]?.payload).toMatchObject({
    chat: { id: -4_503_599_627_370_496 },
    user: { id: 4_503_599_627_370_495 },
  });
});

test.each([8_640_000_000_001, 1e300, -1])(
  'an event with the invalid time %d is delivered without a time',
  (date) => {
    const update = sample('chat_join_request');
    update.chat_join_request.date = date;
    expect(receive(update).deliveries[0]?.delivery).not.toHaveProperty('occurredAt');
    expect(eventsOf(update)[0]?.payload).not.toHaveProperty('occurredAt');
  },
);

test('a join of the bot is memberJoined unless settings.botId is set', () => {
  const update = sample('message.new_chat_members');
  update.message.new_chat_members = [SAMPLE_BOT, sampleUser(1, NOW)];
  const leave = { update_id: 1, message: { ...sample('message.left_chat_member').message } };
  leave.message.left_chat_member = SAMPLE_BOT;

  expect(eventsOf(update)).toHaveLength(2);
  expect(eventsOf(leave)).toHaveLength(1);
  const botId = SAMPLE_BOT.id;
  expect(eventsOf(update, { botId }).map(({ payload }) => payload.user)).toEqual([
    expect.objectContaining({ id: sampleUser(1, NOW).id }),
  ]);
  expect(receive(leave, { botId })).toMatchObject({ deliveries: [], ignored: 1 });
});

test.each([{ botId: '7' }, { botId: -7 }, { botId: 1.5 }, { bot: 7 }])(
  'the settings %j are rejected',
  (settings) => {
    expect(telegramSettings.safeParse(settings).success).toBe(false);
  },
);

test('the deduplication window is longer than the 24 h for which Telegram keeps an update', () => {
  expect(telegram.deduplicationWindow).toBeGreaterThan(25 * 3_600_000);
});
