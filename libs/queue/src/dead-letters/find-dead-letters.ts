import { type Death, readDeadReason } from '../dead-letter.ts';
import { toCriteria } from './filter-criteria.ts';
import type { DeadLetterFilter } from './filter-schema.ts';
import { narrowToGroup } from './find-groups.ts';
import { boundsOf, comesAfter, inOrder, readSpot, type Spot } from './find-order.ts';
import { type LetterRow, LOOKS, PICK, WALK } from './find-scripts.ts';
import { verifyLetters } from './find-verified.ts';
import { discardedKey, type Place } from './place.ts';

/** A dead letter without its body, which may have 4 MB. */
export interface DeadLetter extends Death {
  readonly id: string;
  readonly connection: string;
  readonly topic: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly diedAt: number;
  /** Attempts that ended, the last included. */
  readonly attempts: number;
}

export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[];
  /** Where the next page begins; undefined after the last. */
  readonly next?: string;
}

export interface PageRequest {
  /** Those that are dead, unless it says otherwise. */
  readonly among?: 'dead' | 'discarded';
  /** By when they died, or were discarded; `from` and `to` of the filter are of that as well. */
  readonly order: 'newest' | 'oldest';
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
}

/** What one script has found. */
interface Step {
  readonly letters: readonly DeadLetter[];
  /** Where to look on; undefined at the end. */
  readonly next: Spot | undefined;
}

/** Groups cost as much to read as two scripts of looking, and most pages are full by then. */
const STEPS_UNTIL_NARROWED = 2;

type Find = (limit: number, spot: Spot | undefined) => Promise<Step>;

/**
 * Finds a page of dead letters, by as many scripts as it takes, between which others get on.
 *
 * @throws CursorError if the cursor is none of ours
 */
export async function findDeadLetters(
  place: Place,
  filter: DeadLetterFilter,
  page: PageRequest,
): Promise<DeadLetterPage> {
  const letters: DeadLetter[] = [];
  let spot = page.cursor === undefined ? undefined : readSpot(page.cursor);
  let find = filter.ids ? await picking(place, filter, page, filter.ids) : walking(place, filter, page);
  for (let steps = 1; ; steps++) {
    const step = await find(page.limit - letters.length, spot);
    letters.push(...(await verifyLetters(place, filter, step.letters)));
    if (!step.next) return { letters };
    if (letters.length >= page.limit) return { letters, next: `${step.next.at}-${step.next.id}` };
    spot = step.next;
    if (steps === STEPS_UNTIL_NARROWED && !filter.ids && page.among !== 'discarded') {
      const narrowed = await narrowToGroup(place, filter);
      if (!narrowed) return { letters };
      find = walking(place, narrowed, page);
    }
  }
}

/** Goes through all, or all of a group, in the order of death. */
function walking(place: Place, filter: DeadLetterFilter, page: PageRequest): Find {
  const { redis, keyPrefix } = place;
  const set = setOf(place, filter, page);
  const criteria = JSON.stringify(toCriteria(filter));
  return async (limit, spot) => {
    const args = [criteria, LOOKS, limit, 'letters', ...boundsOf(filter, page.order, spot)];
    const reply = await redis.eval(WALK, 2, set, keyPrefix, ...args);
    const [isEnd, at, id, rows] = reply as [0 | 1, string, string, readonly LetterRow[]];
    return {
      letters: rows.map((row) => toDeadLetter(row, page)),
      next: isEnd === 1 ? undefined : { at, id },
    };
  };
}

/** Goes through these only, in the order of death. */
async function picking(
  place: Place,
  filter: DeadLetterFilter,
  page: PageRequest,
  ids: readonly string[],
): Promise<Find> {
  const { redis, keyPrefix } = place;
  const scores = ids.length > 0 ? await redis.zmscore(setOf(place, filter, page), ...ids) : [];
  const spots = inOrder(ids, scores, filter, page.order);
  const scoreOf = new Map(spots.map(({ id, at }) => [id, at]));
  const criteria = JSON.stringify(toCriteria(filter));
  return async (limit, spot) => {
    const left = spots.filter((one) => !spot || comesAfter(one, spot, page.order));
    const args = [criteria, LOOKS, limit, 'letters', ...left.map(({ id }) => id)];
    const reply = await redis.eval(PICK, 1, keyPrefix, ...args);
    const [looked, rows] = reply as [number, readonly LetterRow[]];
    return {
      letters: rows.map((row) => toDeadLetter(row, page, scoreOf.get(row[0]))),
      next: looked < left.length ? left[looked - 1] : undefined,
    };
  };
}

/** The set that holds what is meant, and no more than need be. */
export function setOf(
  { base, keyPrefix }: Place,
  { group }: DeadLetterFilter,
  { among }: Pick<PageRequest, 'among'>,
): string {
  if (among === 'discarded') return discardedKey(base);
  return group === undefined ? `${keyPrefix}failed` : `${base}dead:${group}`;
}

/** The score tells when it died, or of what is discarded, when that was. */
function toDeadLetter(row: LetterRow, { among }: PageRequest, at?: string): DeadLetter {
  const [id, connection, failedReason, topic, receivedAt, finishedAt, attempts, score] = row;
  return {
    ...readDeadReason(failedReason),
    id,
    connection,
    topic,
    receivedAt: Number(receivedAt),
    diedAt: Number(among === 'discarded' ? finishedAt : (at ?? score)),
    attempts: Number(attempts),
  };
}
