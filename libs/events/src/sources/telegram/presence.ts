import { fieldOf } from '../../piece.ts';

export type Transition = 'joined' | 'left';

/**
 * Tells whether a change of a ChatMember's status is a join or a leave
 * (https://core.telegram.org/bots/api#chatmember).
 *
 * A restricted user is in the chat or not, by `is_member`. Promotions, bans of who had left, and statuses
 * that are not known are neither.
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
