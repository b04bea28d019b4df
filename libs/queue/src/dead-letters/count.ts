import type { QueueContext } from '../bullmq/context.ts';
import { OTHER_GROUP } from '../records/failure.ts';
import { runScript } from '../redis/scripts.ts';
import { isExactText, toCriteria } from './criteria.ts';
import { boundsOf, type Cursor } from './cursor.ts';
import type { DeadLetterFilter } from './filter.ts';
import { narrowToGroup } from './groups.ts';
import { deadLetterPages, setToSearch } from './search.ts';
import { BUDGET, SEARCH_SET } from './search-scripts.ts';

/** Dead letters per page, where they have to be read to be counted. */
const PAGE = 1_000;

/** Counts the dead letters that match, by group. Groups without a match are left out. */
export async function countDeadLetters(
  queue: QueueContext,
  filter: DeadLetterFilter,
): Promise<ReadonlyMap<string, number>> {
  const { id, having = [], text = '' } = filter;
  const narrowed = id ? filter : await narrowToGroup(queue, filter);
  if (!narrowed) return new Map();
  const canScriptsDecide = id === undefined && having.length === 0 && isExactText(text);
  return canScriptsDecide ? countByScript(queue, narrowed) : countByReading(queue, narrowed);
}

async function countByScript(queue: QueueContext, filter: DeadLetterFilter): Promise<Map<string, number>> {
  const { redis, keyPrefix } = queue;
  const set = setToSearch(queue, filter, { among: 'dead' });
  const criteria = JSON.stringify(toCriteria(filter));
  const counts = new Map<string, number>();
  let cursor: Cursor | undefined;
  for (;;) {
    // No results are collected, so one is never reached.
    const args = [criteria, BUDGET, 1, 'groups', ...boundsOf(filter, 'oldest', cursor)];
    const reply = await runScript(redis, SEARCH_SET, set, keyPrefix, ...args);
    const [isEnd, at, id, , groups] = reply as [0 | 1, string, string, unknown, readonly [string, number][]];
    for (const [group, count] of groups) add(counts, group, count);
    if (isEnd === 1) return counts;
    cursor = { at, id };
  }
}

async function countByReading(queue: QueueContext, filter: DeadLetterFilter): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const letters of deadLetterPages(queue, filter, { limit: PAGE, among: 'dead' })) {
    for (const { group = OTHER_GROUP } of letters) add(counts, group, 1);
  }
  return counts;
}

function add(counts: Map<string, number>, group: string, count: number): void {
  counts.set(group, (counts.get(group) ?? 0) + count);
}
