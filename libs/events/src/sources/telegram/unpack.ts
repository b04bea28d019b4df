import type { ParsedWebhook, UnpackedItem } from '../../define-source.ts';
import { fieldOf, type JsonSlice, memberOf } from '../../piece.ts';
import { updateKey } from './idempotency-key.ts';
import { findTransition, type Transition } from './presence.ts';
import { readSeconds } from './seconds.ts';
import type { TelegramSettings } from './settings.ts';
import { unpackMembers, unpackStatus } from './unpack-members.ts';

/**
 * Unpacks an update: of members who join or leave each is an item of its own, everything else is one item,
 * the whole update. The topic is the update's kind, like `callback_query`, and for what events are made of
 * it also says what happened: `message.new_chat_members`, `chat_member.joined`, `my_chat_member.blocked`.
 */
export function unpackTelegram(
  { text, json }: ParsedWebhook,
  settings: TelegramSettings,
): readonly UnpackedItem[] {
  const update: JsonSlice = { text, json };
  const kind = kindOf(json);
  const happening = memberOf(update, kind);
  if (!happening) return [wholeUpdate(update, kind, kind)];
  switch (kind) {
    case 'message':
      return orWhole(unpackMembers(update, happening, settings), update, kind);
    case 'chat_member':
      return orWhole(unpackStatus(update, happening), update, kind);
    case 'my_chat_member':
      return [wholeUpdate(update, kind, botTopic(happening.json) ?? kind)];
    default:
      return [wholeUpdate(update, kind, kind)];
  }
}

function orWhole(items: readonly UnpackedItem[], update: JsonSlice, kind: string): readonly UnpackedItem[] {
  return items.length > 0 ? items : [wholeUpdate(update, kind, kind)];
}

/** An update has one field besides its id, named after what it is. */
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

const inGroups: Record<Transition, string> = {
  joined: 'my_chat_member.added',
  left: 'my_chat_member.removed',
};

/** There, all that Telegram tells is that the user blocked or unblocked the bot. */
const inPrivate: Record<Transition, string> = {
  joined: 'my_chat_member.unblocked',
  left: 'my_chat_member.blocked',
};

function botTopic(status: unknown): string | undefined {
  const transition = findTransition(fieldOf(status, 'old_chat_member'), fieldOf(status, 'new_chat_member'));
  if (!transition) return undefined;
  const isPrivate = fieldOf(fieldOf(status, 'chat'), 'type') === 'private';
  return (isPrivate ? inPrivate : inGroups)[transition];
}
