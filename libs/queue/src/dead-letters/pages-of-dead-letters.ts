import type { DeadLetterFilter } from './filter-schema.ts';
import { type DeadLetter, findDeadLetters, type PageRequest } from './find-dead-letters.ts';
import type { Place } from './place.ts';

/**
 * Walks dead letters by pages, those first that died first. What is done to a page does not disturb the walk, and
 * those that die meanwhile are met as well unless the filter says until when.
 */
export async function* pagesOfDeadLetters(
  place: Place,
  filter: DeadLetterFilter,
  page: Pick<PageRequest, 'limit' | 'among'>,
): AsyncGenerator<readonly DeadLetter[]> {
  let cursor: string | undefined;
  do {
    const found = await findDeadLetters(place, filter, { ...page, order: 'oldest', cursor });
    if (found.letters.length > 0) yield found.letters;
    cursor = found.next;
  } while (cursor);
}
