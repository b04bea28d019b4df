import type { QueueContext } from '../bullmq/context.ts';
import { type Cursor, isAfter, writeCursor } from './cursor.ts';
import type { DeadLetterFilter } from './filter.ts';
import {
  type DeadLetter,
  type DeadLetterPage,
  findDeadLetters,
  type PageRequest,
  setToSearch,
} from './search.ts';

interface Positioned {
  readonly deadLetter: DeadLetter;
  readonly cursor: Cursor;
}

/**
 * Finds a page of dead letters in all shards, in one order. Each shard returns a whole page, because all results may be
 * in one shard. A cursor is valid in every shard.
 *
 * @throws CursorError if the cursor is invalid
 */
export async function findAcrossShards(
  queues: readonly QueueContext[],
  filter: DeadLetterFilter,
  page: PageRequest,
): Promise<DeadLetterPage> {
  const [only, ...others] = queues;
  if (only && others.length === 0) return findDeadLetters(only, filter, page);
  const pages = await Promise.all(queues.map((queue) => findInShard(queue, filter, page)));
  const found = pages
    .flatMap(({ positioned }) => positioned)
    .sort((one, other) => (isAfter(one.cursor, other.cursor, page.order) ? 1 : -1));
  const returned = found.slice(0, page.limit);
  const letters = returned.map(({ deadLetter }) => deadLetter);
  const last = returned.at(-1);
  const isEnd = found.length <= page.limit && pages.every(({ isLast }) => isLast);
  return isEnd || !last ? { letters } : { letters, next: writeCursor(last.cursor) };
}

async function findInShard(
  queue: QueueContext,
  filter: DeadLetterFilter,
  page: PageRequest,
): Promise<{ readonly positioned: readonly Positioned[]; readonly isLast: boolean }> {
  const { letters, next } = await findDeadLetters(queue, filter, page);
  const scores = await readDiscardTimes(queue, filter, page, letters);
  const positioned = letters.map((deadLetter, index) => {
    const at = scores[index] ?? String(deadLetter.diedAt);
    return { deadLetter, cursor: { at, id: deadLetter.id } };
  });
  return { positioned, isLast: next === undefined };
}

/** A discarded dead letter does not have the time of its discard, by which it is sorted. */
async function readDiscardTimes(
  queue: QueueContext,
  filter: DeadLetterFilter,
  page: PageRequest,
  letters: readonly DeadLetter[],
): Promise<readonly (string | null)[]> {
  if (page.among !== 'discarded' || letters.length === 0) return [];
  return queue.redis.zmscore(setToSearch(queue, filter, page), ...letters.map(({ id }) => id));
}
