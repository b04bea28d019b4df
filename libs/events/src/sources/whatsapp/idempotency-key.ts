import { createHash } from 'node:crypto';
import { fieldOf } from '../../piece.ts';
import type { Change } from './find-changes.ts';

/** Makes a key for the part of a change at a place, e.g. `('messages', 3)`; for the whole without one. */
export type ChangeKey = (...place: readonly (string | number)[]) => string;

/** A message is its id, within its phone number; undefined without an id. */
export function messageKey(phoneNumberId: unknown, message: unknown): string | undefined {
  const id = fieldOf(message, 'id');
  return typeof id === 'string' ? JSON.stringify(['message', phoneNumberId, id]) : undefined;
}

const statusParts = ['status', 'timestamp', 'recipient_participant_id', 'recipient_participant_user_id'];

/**
 * A status is the id of its message, what became of it and when: a message goes through several, and a
 * status may come again later. In a group each participant has one of their own, maybe in the same second.
 *
 * @returns undefined without an id
 */
export function statusKey(phoneNumberId: unknown, status: unknown): string | undefined {
  const id = fieldOf(status, 'id');
  if (typeof id !== 'string') return undefined;
  return JSON.stringify(['status', phoneNumberId, id, ...statusParts.map((name) => fieldOf(status, name))]);
}

/**
 * Anything else has no id: a hash of account, field and the exact text of the value. `entry.time` is left out,
 * because it says when Meta sent the webhook, not when the thing happened, and a resend may carry another.
 *
 * @returns a function, because a value with many parts is hashed once, and only if one of them needs it
 */
export function changeKey({ entryId, field, value }: Change): ChangeKey {
  let digest: string | undefined;
  return (...place) => {
    digest ??= createHash('sha256')
      .update(JSON.stringify([entryId?.text ?? null, field?.text ?? null]))
      .update(value.text)
      .digest('hex');
    return JSON.stringify(['change', digest, ...place]);
  };
}
