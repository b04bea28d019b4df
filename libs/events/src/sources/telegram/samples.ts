import { composerOf, pick, type SampleRequest, type SourceSamples } from '../../definitions/samples.ts';

const PEOPLE = [
  { first_name: 'Ada', last_name: 'Okafor', username: 'ada_okafor', language_code: 'pt' },
  { first_name: 'Jörg', language_code: 'de', is_premium: true },
  { first_name: 'Marta 🌻', last_name: 'Núñez', username: 'martan', language_code: 'es' },
  { first_name: '莉', username: 'lili_w', language_code: 'zh-hans' },
] as const;

/**
 * Returns a number within the 52 bits of Telegram's ids that differs for each sample of a day.
 *
 * @param number which sample, from 1
 * @param now milliseconds since the epoch
 * @param position which of ten within the sample
 */
function sampleNumber(number: number, now: number, position = 0): number {
  return (now % 100_000_000) * 10_000_000 + ((number * 10 + position) % 10_000_000);
}

/** Returns a user that differs for each number, time and position. */
export function sampleUser(number: number, now: number, position = 0) {
  const { first_name, ...rest } = pick(PEOPLE, number + position);
  return { id: sampleNumber(number, now, position), is_bot: false, first_name, ...rest };
}

export const SAMPLE_GROUP = {
  id: -1_001_734_205_518,
  title: 'Sluice & friends',
  type: 'supergroup',
} as const;

export const SAMPLE_ADMIN = {
  id: 5_401_230_001,
  is_bot: false,
  first_name: 'Grace',
  username: 'grace_admin',
};

export const SAMPLE_BOT = { id: 6_012_345_678, is_bot: true, first_name: 'Acme Bot', username: 'acme_bot' };

type Composer = (number: number, now: number) => Record<string, unknown>;

/** Five members in one update; `chat_member.joined` of the same number reports the first of them again. */
const joinedAtOnce: Composer = (number, now) => {
  const members = [0, 1, 2, 3, 4].map((position) => sampleUser(number, now, position));
  return { message: { ...inGroup(SAMPLE_ADMIN, now), message_id: number, new_chat_members: members } };
};

const leftByMessage: Composer = (number, now) => {
  const user = sampleUser(number, now);
  return { message: { ...inGroup(user, now), message_id: number, left_chat_member: user } };
};

const composers: Record<string, Composer> = {
  'message.new_chat_members': joinedAtOnce,
  'message.left_chat_member': leftByMessage,
  'chat_member.joined': (number, now) => {
    const user = sampleUser(number, now);
    const link = { invite_link: 'https://t.me/+Ab3dE…', creator: SAMPLE_ADMIN, name: 'Newsletter' };
    const invite_link = { ...link, creates_join_request: false, is_primary: false, is_revoked: false };
    return { chat_member: { ...inGroup(user, now), ...statusChange(user, 'left', 'member'), invite_link } };
  },
  'chat_member.left': (number, now) => {
    const user = sampleUser(number, now);
    return { chat_member: { ...inGroup(SAMPLE_ADMIN, now), ...statusChange(user, 'member', 'kicked') } };
  },
  'my_chat_member.added': (_number, now) => ({
    my_chat_member: { ...inGroup(SAMPLE_ADMIN, now), ...statusChange(SAMPLE_BOT, 'left', 'member') },
  }),
  'my_chat_member.removed': (_number, now) => ({
    my_chat_member: { ...inGroup(SAMPLE_ADMIN, now), ...statusChange(SAMPLE_BOT, 'administrator', 'left') },
  }),
  'my_chat_member.unblocked': (number, now) => ({
    my_chat_member: { ...inPrivateChat(number, now), ...statusChange(SAMPLE_BOT, 'kicked', 'member') },
  }),
  'my_chat_member.blocked': (number, now) => ({
    my_chat_member: { ...inPrivateChat(number, now), ...statusChange(SAMPLE_BOT, 'member', 'kicked') },
  }),
  chat_join_request: (number, now) => {
    const user = sampleUser(number, now);
    return { chat_join_request: { ...inGroup(user, now), user_chat_id: user.id, bio: 'Reads along.' } };
  },
};

/** Sample updates in the form that the Bot API sends, one per webhook. */
export const telegramSamples: SourceSamples = {
  topics: Object.keys(composers),
  compose(topic, { number, now }): SampleRequest {
    const compose = composerOf(composers, topic);
    const update_id = sampleNumber(number, now);
    return {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ update_id, ...compose(number, now) }),
    };
  },
  /** Telegram signs nothing: a header repeats the token passed to setWebhook. */
  sign(request, secret) {
    return { ...request, headers: { ...request.headers, 'x-telegram-bot-api-secret-token': secret } };
  },
};

function inGroup(from: object, now: number) {
  return { chat: SAMPLE_GROUP, from, date: Math.floor(now / 1000) };
}

function inPrivateChat(number: number, now: number) {
  const user = sampleUser(number, now);
  const { id, first_name } = user;
  return { chat: { id, first_name, type: 'private' }, from: user, date: Math.floor(now / 1000) };
}

function statusChange(user: object, before: string, after: string) {
  const until = after === 'kicked' ? { until_date: 0 } : {};
  return {
    old_chat_member: { user, status: before },
    new_chat_member: { user, status: after, ...until },
  };
}
