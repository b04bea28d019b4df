import type { SampleRequest, SourceSamples } from '../../samples.ts';
import { SAMPLE_ADMIN, SAMPLE_BOT, SAMPLE_GROUP, sampleNumber, sampleUser } from './sample-people.ts';
import type { TelegramSettings } from './settings.ts';

type Composer = (number: number, now: number) => Record<string, unknown>;

/** Five at once, the first of whom `chat_member.joined` of the same number tells of too. */
const joinedAtOnce: Composer = (number, now) => {
  const members = [0, 1, 2, 3, 4].map((position) => sampleUser(number, now, position));
  return { message: { ...aboutGroup(SAMPLE_ADMIN, now), message_id: number, new_chat_members: members } };
};

const leftByMessage: Composer = (number, now) => {
  const user = sampleUser(number, now);
  return { message: { ...aboutGroup(user, now), message_id: number, left_chat_member: user } };
};

const composers: Record<string, Composer> = {
  'message.new_chat_members': joinedAtOnce,
  'message.left_chat_member': leftByMessage,
  'chat_member.joined': (number, now) => {
    const user = sampleUser(number, now);
    const link = { invite_link: 'https://t.me/+Ab3dE…', creator: SAMPLE_ADMIN, name: 'Newsletter' };
    const invite_link = { ...link, creates_join_request: false, is_primary: false, is_revoked: false };
    return { chat_member: { ...aboutGroup(user, now), ...change(user, 'left', 'member'), invite_link } };
  },
  'chat_member.left': (number, now) => {
    const user = sampleUser(number, now);
    return { chat_member: { ...aboutGroup(SAMPLE_ADMIN, now), ...change(user, 'member', 'kicked') } };
  },
  'my_chat_member.added': (_number, now) => ({
    my_chat_member: { ...aboutGroup(SAMPLE_ADMIN, now), ...change(SAMPLE_BOT, 'left', 'member') },
  }),
  'my_chat_member.removed': (_number, now) => ({
    my_chat_member: { ...aboutGroup(SAMPLE_ADMIN, now), ...change(SAMPLE_BOT, 'administrator', 'left') },
  }),
  'my_chat_member.unblocked': (number, now) => ({
    my_chat_member: { ...aboutPrivate(number, now), ...change(SAMPLE_BOT, 'kicked', 'member') },
  }),
  'my_chat_member.blocked': (number, now) => ({
    my_chat_member: { ...aboutPrivate(number, now), ...change(SAMPLE_BOT, 'member', 'kicked') },
  }),
  chat_join_request: (number, now) => {
    const user = sampleUser(number, now);
    return { chat_join_request: { ...aboutGroup(user, now), user_chat_id: user.id, bio: 'Reads along.' } };
  },
};

/** Updates as the Bot API sends them, one a webhook. */
export const telegramSamples: SourceSamples<TelegramSettings> = {
  topics: Object.keys(composers),
  compose(topic, { number, now }): SampleRequest {
    const compose = composers[topic];
    if (!compose)
      throw new RangeError(`no sample of ${topic}; there are: ${Object.keys(composers).join(', ')}`);
    const update_id = sampleNumber(number, now);
    return {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ update_id, ...compose(number, now) }),
    };
  },
  /** The token that setWebhook was given stands in a header; nothing is signed. */
  sign(request, secret) {
    return { ...request, headers: { ...request.headers, 'x-telegram-bot-api-secret-token': secret } };
  },
};

function aboutGroup(from: object, now: number) {
  return { chat: SAMPLE_GROUP, from, date: Math.floor(now / 1000) };
}

function aboutPrivate(number: number, now: number) {
  const user = sampleUser(number, now);
  const { id, first_name } = user;
  return { chat: { id, first_name, type: 'private' }, from: user, date: Math.floor(now / 1000) };
}

function change(user: object, before: string, after: string) {
  const until = after === 'kicked' ? { until_date: 0 } : {};
  return {
    old_chat_member: { user, status: before },
    new_chat_member: { user, status: after, ...until },
  };
}
