import { createHash } from 'node:crypto';
import type { UnpackedItem } from '../../definitions/define-source.ts';
import { composeObject, elementsOf, fieldOf, type JsonSlice, memberOf } from '../../delivery/json-slice.ts';
import type { ParsedWebhook } from '../../verification/webhook.ts';
import { readSeconds } from './bot-api-types.ts';
import type { TelegramSettings } from './settings.ts';

/**
 * Unpacks an update: one item per member who joined or left; any other update is one item as a whole.
 *
 * The topic is the kind of the update, like `callback_query`. For updates that become events it also says
 * what happened: `message.new_chat_members`, `chat_member.joined`, `my_chat_member.blocked`.
 */
export function unpackTelegram(
  { text, json }: ParsedWebhook,
  settings: TelegramSettings,
): readonly UnpackedItem[] {
  const update: JsonSlice = { text, json };
  const kind = kindOf(json);
  const content = memberOf(update, kind);
  if (!content) return [wholeUpdate(update, kind, kind)];
  switch (kind) {
    case 'message':
      return orWhole(unpackMembers(update, content, settings), update, kind);
    case 'chat_member':
      return orWhole(unpackMemberStatus(update, content), update, kind);
    case 'my_chat_member':
      return [wholeUpdate(update, kind, botTopic(content.json) ?? kind)];
    default:
      return [wholeUpdate(update, kind, kind)];
  }
}

function orWhole(items: readonly UnpackedItem[], update: JsonSlice, kind: string): readonly UnpackedItem[] {
  return items.length > 0 ? items : [wholeUpdate(update, kind, kind)];
}

/** An update has one field besides its id, named after its kind. */
function kindOf(json: unknown): string {
  const names = typeof json === 'object' && json !== null && !Array.isArray(json) ? Object.keys(json) : [];
  return names.find((name) => name !== 'update_id') ?? 'update';
}

function wholeUpdate(update: JsonSlice, kind: string, topic: string): UnpackedItem {
  const occurredAt = readSeconds(fieldOf(fieldOf(update.json, kind), 'date'));
  return {
    topic,
    idempotencyKey: updateKey(update),
    body: update.text,
    input: update.json,
    ...(occurredAt === undefined ? {} : { occurredAt }),
  };
}

const groupTopics: Record<Transition, string> = {
  joined: 'my_chat_member.added',
  left: 'my_chat_member.removed',
};

/** In a private chat Telegram reports only that the user blocked or unblocked the bot. */
const privateTopics: Record<Transition, string> = {
  joined: 'my_chat_member.unblocked',
  left: 'my_chat_member.blocked',
};

function botTopic(status: unknown): string | undefined {
  const transition = findTransition(fieldOf(status, 'old_chat_member'), fieldOf(status, 'new_chat_member'));
  if (!transition) return undefined;
  const isPrivate = fieldOf(fieldOf(status, 'chat'), 'type') === 'private';
  return (isPrivate ? privateTopics : groupTopics)[transition];
}

/** The fields of message and chat_member that each member's item includes, in their exact text. */
const SHARED_FIELDS = [
  'chat',
  'from',
  'date',
  'message_id',
  'old_chat_member',
  'new_chat_member',
  'invite_link',
  'via_join_request',
  'via_chat_folder_invite_link',
] as const;

/**
 * Returns one item per member in a service message, without the bot; none for other messages.
 *
 * A value that is not a user becomes an item too: it fails schema validation and is quarantined, where
 * operators see it.
 */
function unpackMembers(
  update: JsonSlice,
  message: JsonSlice,
  { botId }: TelegramSettings,
): readonly UnpackedItem[] {
  const isNotBot = ({ json }: JsonSlice) => botId === undefined || fieldOf(json, 'id') !== botId;
  const joined = listOf(message, 'new_chat_members').filter(isNotBot);
  const left = listOf(message, 'left_chat_member').filter(isNotBot);
  return [
    ...toItems('message.new_chat_members', 'joined', update, message, joined),
    ...toItems('message.left_chat_member', 'left', update, message, left),
  ];
}

/** Returns the member whose status in a chat changed; none if the change is neither a join nor a leave. */
function unpackMemberStatus(update: JsonSlice, status: JsonSlice): readonly UnpackedItem[] {
  const [before, after] = ['old_chat_member', 'new_chat_member'].map((name) => fieldOf(status.json, name));
  const transition = findTransition(before, after);
  if (!transition) return [];
  const user = memberOf(memberOf(status, 'new_chat_member'), 'user') ?? { text: 'null', json: null };
  return toItems(`chat_member.${transition}`, transition, update, status, [user]);
}

/** Checks the parsed message first: most messages lack the field, and their text need not be read. */
function listOf(message: JsonSlice, name: string): readonly JsonSlice[] {
  if ((fieldOf(message.json, name) ?? null) === null) return [];
  const slice = memberOf(message, name);
  return Array.isArray(slice?.json) ? elementsOf(slice) : [slice].flatMap((only) => only ?? []);
}

function toItems(
  topic: string,
  transition: Transition,
  update: JsonSlice,
  content: JsonSlice,
  members: readonly JsonSlice[],
): readonly UnpackedItem[] {
  if (members.length === 0) return [];
  const keyOf = membershipKeys(transition, update, content);
  const occurredAt = readSeconds(fieldOf(content.json, 'date'));
  const shared = {
    update_id: memberOf(update, 'update_id'),
    ...Object.fromEntries(SHARED_FIELDS.map((name) => [name, memberOf(content, name)])),
  };
  return members.map((member, index) => {
    const { text, json } = composeObject({ ...shared, member });
    return {
      topic,
      idempotencyKey: keyOf(member, index),
      body: text,
      input: json,
      ...(occurredAt === undefined ? {} : { occurredAt }),
    };
  });
}

export type Transition = 'joined' | 'left';

/**
 * Returns whether a change of a ChatMember's status is a join or a leave
 * (https://core.telegram.org/bots/api#chatmember).
 *
 * A restricted user is in the chat if `is_member` is true. Promotions, bans of users who had left, and
 * changes from or to an unknown status are neither.
 */
export function findTransition(oldMember: unknown, newMember: unknown): Transition | undefined {
  const before = isPresent(oldMember);
  const after = isPresent(newMember);
  if (before === undefined || after === undefined || before === after) return undefined;
  return after ? 'joined' : 'left';
}

function isPresent(member: unknown): boolean | undefined {
  switch (fieldOf(member, 'status')) {
    case 'creator':
    case 'administrator':
    case 'member':
      return true;
    case 'restricted':
      return fieldOf(member, 'is_member') === true;
    case 'left':
    case 'kicked':
      return false;
    default:
      return undefined;
  }
}

/**
 * Returns the idempotency key of a whole update: its id, or a hash of its text if it has none.
 *
 * Update ids count within a bot; a connection is one bot, and keys count within a connection. After a week
 * without updates Telegram continues at a random id.
 */
function updateKey(update: JsonSlice): string {
  const id = memberOf(update, 'update_id');
  const name =
    typeof id?.json === 'number' ? id.text : createHash('sha256').update(update.text).digest('hex');
  return JSON.stringify(['update', name]);
}

/**
 * Returns a function for the idempotency keys of the members in an update: transition, chat, user and second.
 *
 * Telegram reports a join by two updates with different ids, the service message (`new_chat_members`) and
 * `chat_member`, and it must become one event. The same holds for leaves. Both updates carry the same time,
 * and no user leaves and rejoins within one second.
 *
 * The ids are the exact texts of the numbers, so that rounding cannot merge two users. The update's text is
 * read once for all its members.
 *
 * @returns the key of a member; `index` distinguishes members without an id
 */
function membershipKeys(
  transition: Transition,
  update: JsonSlice,
  content: JsonSlice,
): (member: JsonSlice, index: number) => string {
  const chat = memberOf(memberOf(content, 'chat'), 'id');
  const date = memberOf(content, 'date');
  const fallback = updateKey(update);
  return (member, index) => {
    const parts = [chat, memberOf(member, 'id'), date];
    const numbers = parts.flatMap((part) => (typeof part?.json === 'number' ? part.text : []));
    return JSON.stringify(
      numbers.length === parts.length ? [transition, ...numbers] : [transition, fallback, index],
    );
  };
}
