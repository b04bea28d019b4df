import type { QueueContext } from '../bullmq/context.ts';
import type { DeadLetterFilter } from './filter.ts';
import {
  type Cursor,
  type DeadLetter,
  type DeadLetterPage,
  findDeadLetters,
  isAfter,
  type PageRequest,
  setOf,
} from './search.ts';

interface Placed {
  readonly letter: DeadLetter;
  readonly spot: Cursor;
}

/**
 * Finds a page of dead letters in all shards, in one order. Each shard is asked for a whole page, for all that is to be
 * told may be in one; a place in the order is one in every shard, so that a cursor is of all of them.
 *
 * @throws CursorError if the cursor is none of ours
 */
export async function findInShards(
  places: readonly QueueContext[],
  filter: DeadLetterFilter,
  page: PageRequest,
): Promise<DeadLetterPage> {
  const [only, ...others] = places;
  if (only && others.length === 0) return findDeadLetters(only, filter, page);
  const pages = await Promise.all(places.map((place) => findPlaced(place, filter, page)));
  const found = pages
    .flatMap(({ placed }) => placed)
    .sort((one, other) => (isAfter(one.spot, other.spot, page.order) ? 1 : -1));
  const told = found.slice(0, page.limit);
  const letters = told.map(({ letter }) => letter);
  const last = told.at(-1);
  const isEnd = found.length <= page.limit && pages.every(({ isLast }) => isLast);
  return isEnd || !last ? { letters } : { letters, next: `${last.spot.at}-${last.spot.id}` };
}

async function findPlaced(
  place: QueueContext,
  filter: DeadLetterFilter,
  page: PageRequest,
): Promise<{ readonly placed: readonly Placed[]; readonly isLast: boolean }> {
  const { letters, next } = await findDeadLetters(place, filter, page);
  const scores = await scoresOf(place, filter, page, letters);
  const placed = letters.map((letter, index) => {
    const at = scores[index] ?? String(letter.diedAt);
    return { letter, spot: { at, id: letter.id } };
  });
  return { placed, isLast: next === undefined };
}

/** Of what is discarded the letter itself does not tell when that was. */
async function scoresOf(
  place: QueueContext,
  filter: DeadLetterFilter,
  page: PageRequest,
  letters: readonly DeadLetter[],
): Promise<readonly (string | null)[]> {
  if (page.among !== 'discarded' || letters.length === 0) return [];
  return place.redis.zmscore(setOf(place, filter, page), ...letters.map(({ id }) => id));
}
