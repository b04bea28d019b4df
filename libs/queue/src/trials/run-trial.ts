import type { DeadLetterFilter } from '../dead-letters/filter-schema.ts';
import type { DeadLetters } from '../dead-letters/open-dead-letters.ts';
import type { Trial } from './trial.ts';

/** Bodies a round trip: 100 of 8 kB. */
const PAGE = 100;

/**
 * Tries the newest dead letters that fit.
 *
 * @param limit how many at most
 */
export async function runTrial(
  deadLetters: Pick<DeadLetters, 'find' | 'bodies'>,
  filter: DeadLetterFilter,
  limit: number,
  trial: Trial,
  onProgress: (tried: number) => void,
): Promise<void> {
  let cursor: string | undefined;
  let left = limit;
  let tried = 0;
  do {
    const page = await deadLetters.find(filter, { order: 'newest', limit: Math.min(PAGE, left), cursor });
    const byId = new Map(page.letters.map((letter) => [letter.id, letter]));
    for (const reading of await deadLetters.bodies([...byId.keys()])) {
      if (reading.ok) trial.add(reading.delivery);
      else {
        const { connection = '', topic = '' } = byId.get(reading.id) ?? {};
        trial.diesOf({ id: reading.id, connection, topic }, 'invalid_input', reading.why);
      }
    }
    tried += page.letters.length;
    onProgress(tried);
    left -= page.letters.length;
    cursor = page.next;
  } while (cursor && left > 0);
}
