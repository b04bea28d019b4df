import type { UnpackedItem } from '../../define-source.ts';
import { composeObject, elementsOf, fieldOf, type JsonSlice, memberOf } from '../../piece.ts';
import { membershipKeys } from './idempotency-key.ts';
import { findTransition, type Transition } from './presence.ts';
import { readSeconds } from './seconds.ts';
import type { TelegramSettings } from './settings.ts';

/** What goes along with a member from message or chat_member, in the exact text. */
const AROUND = [
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
 * Finds the members that a service message tells of, one item each; none in other messages.
 *
 * Where something else stands in the place of users, that is an item too: no event fits it, and so it is
 * quarantined where it can be seen.
 */
export function unpackMembers(
  update: JsonSlice,
  message: JsonSlice,
  { botId }: TelegramSettings,
): readonly UnpackedItem[] {
  const isOther = ({ json }: JsonSlice) => botId === undefined || fieldOf(json, 'id') !== botId;
  const joined = listOf(message, 'new_chat_members').filter(isOther);
  const left = listOf(message, 'left_chat_member').filter(isOther);
  return [
    ...toItems('message.new_chat_members', 'joined', update, message, joined),
    ...toItems('message.left_chat_member', 'left', update, message, left),
  ];
}

/** Finds the member whose status in a chat changed; none where that is neither a join nor a leave. */
export function unpackStatus(update: JsonSlice, status: JsonSlice): readonly UnpackedItem[] {
  const [before, after] = ['old_chat_member', 'new_chat_member'].map((name) => fieldOf(status.json, name));
  const transition = findTransition(before, after);
  if (!transition) return [];
  const user = memberOf(memberOf(status, 'new_chat_member'), 'user') ?? { text: 'null', json: null };
  return toItems(`chat_member.${transition}`, transition, update, status, [user]);
}

/** Most messages have no such field, and are not read for it. */
function listOf(message: JsonSlice, name: string): readonly JsonSlice[] {
  if ((fieldOf(message.json, name) ?? null) === null) return [];
  const piece = memberOf(message, name);
  return Array.isArray(piece?.json) ? elementsOf(piece) : [piece].flatMap((only) => only ?? []);
}

function toItems(
  topic: string,
  transition: Transition,
  update: JsonSlice,
  happening: JsonSlice,
  members: readonly JsonSlice[],
): readonly UnpackedItem[] {
  if (members.length === 0) return [];
  const keyOf = membershipKeys(transition, update, happening);
  const occurredAt = readSeconds(fieldOf(happening.json, 'date'));
  const around = {
    update_id: memberOf(update, 'update_id'),
    ...Object.fromEntries(AROUND.map((name) => [name, memberOf(happening, name)])),
  };
  return members.map((member, index) => {
    const { text, json } = composeObject({ ...around, member });
    return {
      topic,
      idempotencyKey: keyOf(member, index),
      body: text,
      input: json,
      ...(occurredAt === undefined ? {} : { occurredAt }),
    };
  });
}
