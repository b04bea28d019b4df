import type { DeadDetail } from '../delivery-outcome.ts';
import type { DeadLetterFilter } from './filter-schema.ts';
import type { DeadLetter } from './find-dead-letters.ts';
import type { Place } from './place.ts';
import { searchPayloads } from './search-payloads.ts';

/** Keeps what really fits: the scripts look for plain text, and this at what it means. */
export async function verifyLetters(
  place: Place,
  { text, having = [] }: DeadLetterFilter,
  letters: readonly DeadLetter[],
): Promise<readonly DeadLetter[]> {
  const told = text === undefined ? letters : letters.filter(({ detail }) => hasText(detail, text));
  if (having.length === 0 || told.length === 0) return told;
  const ids = told.map(({ id }) => id);
  const found = await searchPayloads(place, ids, having);
  return told.filter(({ id }) => found.has(id));
}

function hasText({ message, issues = [] }: DeadDetail, text: string): boolean {
  const wanted = text.toLowerCase();
  const texts = [message, ...issues.flatMap((issue) => [issue.path, issue.message])];
  return texts.some((one) => one.toLowerCase().includes(wanted));
}
