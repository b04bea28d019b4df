import { discardedKey, type QueueContext } from '../bullmq/context.ts';
import { queueKey } from '../bullmq/layout.ts';
import { deadGroupKey } from '../keys.ts';
import { type Failure, readFailure } from '../records/failure.ts';
import type { FailureDetail } from '../records/outcome.ts';
import { runScript } from '../redis/scripts.ts';
import { toCriteria } from './criteria.ts';
import { boundsOf, type Cursor, isAfter, type Order, readCursor, toCursors, writeCursor } from './cursor.ts';
import type { DeadLetterFilter } from './filter.ts';
import { narrowToGroup } from './groups.ts';
import { searchPayloads } from './search-payloads.ts';
import { BUDGET, type DeadLetterRow, SEARCH_IDS, SEARCH_SET } from './search-scripts.ts';

/** A dead letter without its body, which may have 8 MB. */
export interface DeadLetter extends Failure {
  readonly id: string;
  readonly connection: string;
  readonly topic: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly diedAt: number;
  /** Finished attempts, including the last. */
  readonly attempts: number;
}

export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[];
  /** Cursor of the next page; undefined after the last. */
  readonly next?: string;
}

export interface PageRequest {
  /** `dead` by default. */
  readonly among?: 'dead' | 'discarded';
  /** By time of death or, of discarded ones, of the discard. `since` and `until` of the filter mean the same time. */
  readonly order: Order;
  readonly limit: number;
  /** `next` of the previous page. */
  readonly cursor?: string | undefined;
}

/** Result of one script. */
interface Step {
  readonly deadLetters: readonly DeadLetter[];
  /** Where the next script starts; undefined at the end. */
  readonly next: Cursor | undefined;
}

/** Reading the groups costs as much as two scripts, and most pages are full by then. */
const STEPS_BEFORE_NARROWING = 2;

type Find = (limit: number, cursor: Cursor | undefined) => Promise<Step>;

/**
 * Finds a page of dead letters, by as many scripts as it takes. Other commands run between them.
 *
 * @throws CursorError if the cursor is invalid
 */
export async function findDeadLetters(
  queue: QueueContext,
  filter: DeadLetterFilter,
  page: PageRequest,
): Promise<DeadLetterPage> {
  const letters: DeadLetter[] = [];
  let cursor = page.cursor === undefined ? undefined : readCursor(page.cursor);
  let find = filter.id ? await searchIds(queue, filter, page, filter.id) : searchSet(queue, filter, page);
  for (let steps = 1; ; steps++) {
    const step = await find(page.limit - letters.length, cursor);
    letters.push(...(await verify(queue, filter, step.deadLetters)));
    if (!step.next) return { letters };
    if (letters.length >= page.limit) return { letters, next: writeCursor(step.next) };
    cursor = step.next;
    if (steps === STEPS_BEFORE_NARROWING && !filter.id && page.among !== 'discarded') {
      const narrowed = await narrowToGroup(queue, filter);
      if (!narrowed) return { letters };
      find = searchSet(queue, narrowed, page);
    }
  }
}

/** Searches all dead letters, or those of a group, in the order of death. */
function searchSet(queue: QueueContext, filter: DeadLetterFilter, page: PageRequest): Find {
  const { redis, keyPrefix } = queue;
  const set = setToSearch(queue, filter, page);
  const criteria = JSON.stringify(toCriteria(filter));
  return async (limit, cursor) => {
    const args = [criteria, BUDGET, limit, 'rows', ...boundsOf(filter, page.order, cursor)];
    const reply = await runScript(redis, SEARCH_SET, set, keyPrefix, ...args);
    const [isEnd, at, id, rows] = reply as [0 | 1, string, string, readonly DeadLetterRow[]];
    return {
      deadLetters: rows.map((row) => toDeadLetter(row, page)),
      next: isEnd === 1 ? undefined : { at, id },
    };
  };
}

/** Searches the given deliveries only, in the order of death. */
async function searchIds(
  queue: QueueContext,
  filter: DeadLetterFilter,
  page: PageRequest,
  ids: readonly string[],
): Promise<Find> {
  const { redis, keyPrefix } = queue;
  const scores = ids.length > 0 ? await redis.zmscore(setToSearch(queue, filter, page), ...ids) : [];
  const cursors = toCursors(ids, scores, filter, page.order);
  const scoreOf = new Map(cursors.map(({ id, at }) => [id, at]));
  const criteria = JSON.stringify(toCriteria(filter));
  return async (limit, cursor) => {
    const left = cursors.filter((one) => !cursor || isAfter(one, cursor, page.order));
    const args = [criteria, BUDGET, limit, 'rows', ...left.map(({ id }) => id)];
    const reply = await runScript(redis, SEARCH_IDS, keyPrefix, ...args);
    const [looked, rows] = reply as [number, readonly DeadLetterRow[]];
    return {
      deadLetters: rows.map((row) => toDeadLetter(row, page, scoreOf.get(row[0]))),
      next: looked < left.length ? left[looked - 1] : undefined,
    };
  };
}

/** Returns the smallest set that holds all dead letters that may match. */
export function setToSearch(
  { base, keyPrefix }: QueueContext,
  { group }: DeadLetterFilter,
  { among }: Pick<PageRequest, 'among'>,
): string {
  if (among === 'discarded') return discardedKey(base);
  return group === undefined ? queueKey(keyPrefix, 'failed') : deadGroupKey(base, group);
}

/** The score is the time of death or, of a discarded one, of the discard. */
function toDeadLetter(row: DeadLetterRow, { among }: PageRequest, at?: string): DeadLetter {
  const [id, connection, failure, failedReason, topic, receivedAt, finishedAt, attempts, score] = row;
  return {
    ...readFailure(failure, failedReason),
    id,
    connection,
    topic,
    receivedAt: Number(receivedAt),
    diedAt: Number(among === 'discarded' ? finishedAt : (at ?? score)),
    attempts: Number(attempts),
  };
}

/** Returns the dead letters that match: the scripts search plain text, this compares what it means. */
async function verify(
  queue: QueueContext,
  { text, having = [] }: DeadLetterFilter,
  candidates: readonly DeadLetter[],
): Promise<readonly DeadLetter[]> {
  const matching =
    text === undefined ? candidates : candidates.filter(({ detail }) => containsText(detail, text));
  if (having.length === 0 || matching.length === 0) return matching;
  const ids = matching.map(({ id }) => id);
  const found = await searchPayloads(queue, ids, having);
  return matching.filter(({ id }) => found.has(id));
}

function containsText({ message, issues = [] }: FailureDetail, text: string): boolean {
  const wanted = text.toLowerCase();
  const texts = [message, ...issues.flatMap((issue) => [issue.path, issue.message])];
  return texts.some((one) => one.toLowerCase().includes(wanted));
}

/**
 * Yields pages of dead letters in the order of death. Changes to the dead letters of a page do not disturb the walk.
 * Those that die meanwhile are included unless the filter has `until`.
 */
export async function* deadLetterPages(
  queue: QueueContext,
  filter: DeadLetterFilter,
  page: Pick<PageRequest, 'limit' | 'among'>,
): AsyncGenerator<readonly DeadLetter[]> {
  let cursor: string | undefined;
  do {
    const found = await findDeadLetters(queue, filter, { ...page, order: 'oldest', cursor });
    if (found.letters.length > 0) yield found.letters;
    cursor = found.next;
  } while (cursor);
}
