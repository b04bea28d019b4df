import { createHash } from 'node:crypto';
import { type JsonSlice, memberOf } from '../../piece.ts';
import type { Transition } from './presence.ts';

/**
 * The update's id, which counts within a bot, or a hash of the whole where there is none. A connection is
 * one bot, and keys count within a connection. The id starts anew, at random, after a week of silence.
 */
export function updateKey(update: JsonSlice): string {
  const id = memberOf(update, 'update_id');
  const name =
    typeof id?.json === 'number' ? id.text : createHash('sha256').update(update.text).digest('hex');
  return JSON.stringify(['update', name]);
}

/**
 * Which way, chat, user and second: a join is told by two updates with ids of their own, the service message
 * (`new_chat_members`) and `chat_member`, and is one event. So it is with leaves. Both updates carry the
 * time of the same happening, and who leaves and comes back does not do so within one second.
 *
 * The ids are the exact texts of the numbers, so that no rounding makes two users one.
 *
 * Reads the update once, for all its members.
 *
 * @returns the key of a member; `index` says which of the update's, to tell those apart that lack an id
 */
export function membershipKeys(
  transition: Transition,
  update: JsonSlice,
  happening: JsonSlice,
): (member: JsonSlice, index: number) => string {
  const chat = memberOf(memberOf(happening, 'chat'), 'id');
  const date = memberOf(happening, 'date');
  const fallback = updateKey(update);
  return (member, index) => {
    const parts = [chat, memberOf(member, 'id'), date];
    const numbers = parts.flatMap((part) => (typeof part?.json === 'number' ? part.text : []));
    return JSON.stringify(
      numbers.length === parts.length ? [transition, ...numbers] : [transition, fallback, index],
    );
  };
}
