import type { Turn } from './turn.ts';

/** What the script answers: the kind, and what goes with it. */
type Answer =
  | readonly ['go', number, 0 | 1]
  | readonly ['unsettled', number, number]
  | readonly ['paced', number]
  | readonly ['later', number]
  | readonly ['held', number, string]
  | readonly ['lost'];

/**
 * Reads what the script of `begin` answered.
 *
 * @param now milliseconds since the epoch, by the clock of this process: BullMQ delays by that one, which may
 *   be minutes off Redis'
 */
export function readTurn(answered: unknown, now: number): Turn {
  const answer = answered as Answer;
  switch (answer[0]) {
    case 'go':
      return { kind: 'go', startedAt: answer[1], struck: answer[2] === 1 };
    case 'unsettled':
      return { kind: 'unsettled', startedAt: answer[1], age: answer[2] };
    case 'paced':
      return { kind: 'paced', until: now + answer[1] };
    case 'later':
      return { kind: 'later', until: now + answer[1] };
    case 'held':
      return { kind: 'held', until: now + answer[1], reason: answer[2] };
    case 'lost':
      return { kind: 'lost' };
  }
}
