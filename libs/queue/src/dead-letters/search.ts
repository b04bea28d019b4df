import { discardedKey, type QueueContext } from '../bullmq/context.ts';
import { type Failure, readFailure } from '../records/failure.ts';
import type { FailureDetail } from '../records/outcome.ts';
import { toCriteria } from './criteria.ts';
import type { DeadLetterFilter } from './filter.ts';
import { narrowToGroup } from './groups.ts';
import { searchPayloads } from './search-payloads.ts';
import { type LetterRow, LOOKS, PICK, WALK } from './search-scripts.ts';

/** A dead letter without its body, which may have 4 MB. */
export interface DeadLetter extends Failure {
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
  readonly next: Cursor | undefined;
}

/** Groups cost as much to read as two scripts of looking, and most pages are full by then. */
const STEPS_UNTIL_NARROWED = 2;

type Find = (limit: number, spot: Cursor | undefined) => Promise<Step>;

/**
 * Finds a page of dead letters, by as many scripts as it takes, between which others get on.
 *
 * @throws CursorError if the cursor is none of ours
 */
export async function findDeadLetters(
  place: QueueContext,
  filter: DeadLetterFilter,
  page: PageRequest,
): Promise<DeadLetterPage> {
  const letters: DeadLetter[] = [];
  let spot = page.cursor === undefined ? undefined : readCursor(page.cursor);
  let find = filter.id ? await picking(place, filter, page, filter.id) : walking(place, filter, page);
  for (let steps = 1; ; steps++) {
    const step = await find(page.limit - letters.length, spot);
    letters.push(...(await verifyLetters(place, filter, step.letters)));
    if (!step.next) return { letters };
    if (letters.length >= page.limit) return { letters, next: `${step.next.at}-${step.next.id}` };
    spot = step.next;
    if (steps === STEPS_UNTIL_NARROWED && !filter.id && page.among !== 'discarded') {
      const narrowed = await narrowToGroup(place, filter);
      if (!narrowed) return { letters };
      find = walking(place, narrowed, page);
    }
  }
}

/** Goes through all, or all of a group, in the order of death. */
function walking(place: QueueContext, filter: DeadLetterFilter, page: PageRequest): Find {
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
  place: QueueContext,
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
    const left = spots.filter((one) => !spot || isAfter(one, spot, page.order));
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
  { base, keyPrefix }: QueueContext,
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
    ...readFailure(failedReason),
    id,
    connection,
    topic,
    receivedAt: Number(receivedAt),
    diedAt: Number(among === 'discarded' ? finishedAt : (at ?? score)),
    attempts: Number(attempts),
  };
}

/** A place in the order of death, which stays one when what stood there is gone. */
export interface Cursor {
  /** Score, as Redis writes it: milliseconds since the epoch. */
  readonly at: string;
  readonly id: string;
}

export type Order = 'newest' | 'oldest';

/** It is none of ours. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
}

/**
 * Reads the `next` of a page.
 *
 * @throws CursorError if it is none
 */
function readCursor(cursor: string): Cursor {
  const parts = /^(\d+)-(dlv_[\w-]+)$/.exec(cursor);
  if (!parts) throw new CursorError(`"${cursor}" is no cursor: take the one that the page before has told`);
  return { at: parts[1] ?? '', id: parts[2] ?? '' };
}

/**
 * Tells a script between which scores it is to walk: the order, the place where it begins, the other bound. A place
 * beyond the filter's own bound is not gone to.
 */
export function boundsOf(
  { since: from = Number.NEGATIVE_INFINITY, until: to = Number.POSITIVE_INFINITY }: DeadLetterFilter,
  order: Order,
  spot: Cursor | undefined,
): string[] {
  const [begin, end] = order === 'newest' ? [to, from] : [from, to];
  const isWithin = spot && (order === 'newest' ? Number(spot.at) <= to : Number(spot.at) >= from);
  return [order, ...(isWithin ? [spot.at, spot.id] : [scoreOf(begin), '']), scoreOf(end)];
}

function scoreOf(bound: number): string {
  if (Number.isFinite(bound)) return String(bound);
  return bound > 0 ? '+inf' : '-inf';
}

/** Puts ids in the order of death; without those that have no score or are beyond the filter's bounds. */
function inOrder(
  ids: readonly string[],
  scores: readonly (string | null)[],
  { since: from = Number.NEGATIVE_INFINITY, until: to = Number.POSITIVE_INFINITY }: DeadLetterFilter,
  order: Order,
): Cursor[] {
  const spots = new Map<string, Cursor>();
  for (const [index, id] of ids.entries()) {
    const at = scores[index];
    if (at != null && Number(at) >= from && Number(at) <= to) spots.set(id, { at, id });
  }
  return [...spots.values()].sort((one, other) => (isAfter(one, other, order) ? 1 : -1));
}

/** Tells whether a place comes after another: of the same millisecond they are in the order of their ids. */
export function isAfter(one: Cursor, other: Cursor, order: Order): boolean {
  const later = Number(one.at) - Number(other.at) || (one.id > other.id ? 1 : one.id < other.id ? -1 : 0);
  return order === 'newest' ? later < 0 : later > 0;
}

/** Keeps what really fits: the scripts look for plain text, and this at what it means. */
async function verifyLetters(
  place: QueueContext,
  { text, having = [] }: DeadLetterFilter,
  letters: readonly DeadLetter[],
): Promise<readonly DeadLetter[]> {
  const told = text === undefined ? letters : letters.filter(({ detail }) => hasText(detail, text));
  if (having.length === 0 || told.length === 0) return told;
  const ids = told.map(({ id }) => id);
  const found = await searchPayloads(place, ids, having);
  return told.filter(({ id }) => found.has(id));
}

function hasText({ message, issues = [] }: FailureDetail, text: string): boolean {
  const wanted = text.toLowerCase();
  const texts = [message, ...issues.flatMap((issue) => [issue.path, issue.message])];
  return texts.some((one) => one.toLowerCase().includes(wanted));
}

/**
 * Walks dead letters by pages, those first that died first. What is done to a page does not disturb the walk, and
 * those that die meanwhile are met as well unless the filter says until when.
 */
export async function* deadLetterPages(
  place: QueueContext,
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
