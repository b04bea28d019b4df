import type { QueueContext } from '../bullmq/context.ts';
import { OTHER } from '../bullmq/group-scripts.ts';
import { isExactText, toCriteria } from './criteria.ts';
import type { DeadLetterFilter } from './filter.ts';
import { narrowToGroup } from './groups.ts';
import { boundsOf, type Cursor, deadLetterPages, setOf } from './search.ts';
import { LOOKS, WALK } from './search-scripts.ts';

/** Dead letters a page, where they have to be read to be counted. */
const PAGE = 1_000;

/** Counts what fits, by group; groups of which nothing does are left out. */
export async function countDeadLetters(
  place: QueueContext,
  filter: DeadLetterFilter,
): Promise<ReadonlyMap<string, number>> {
  const { id, having = [], text = '' } = filter;
  const narrowed = id ? filter : await narrowToGroup(place, filter);
  if (!narrowed) return new Map();
  const isScriptEnough = id === undefined && having.length === 0 && isExactText(text);
  return isScriptEnough ? countByScript(place, narrowed) : countOneByOne(place, narrowed);
}

async function countByScript(place: QueueContext, filter: DeadLetterFilter): Promise<Map<string, number>> {
  const { redis, keyPrefix } = place;
  const set = setOf(place, filter, { among: 'dead' });
  const counts = new Map<string, number>();
  let spot: Cursor | undefined;
  for (;;) {
    const args = [
      JSON.stringify(toCriteria(filter)),
      LOOKS,
      1,
      'groups',
      ...boundsOf(filter, 'oldest', spot),
    ];
    const reply = await redis.eval(WALK, 2, set, keyPrefix, ...args);
    const [isEnd, at, id, , groups] = reply as [0 | 1, string, string, unknown, readonly [string, number][]];
    for (const [group, count] of groups) add(counts, group, count);
    if (isEnd === 1) return counts;
    spot = { at, id };
  }
}

async function countOneByOne(place: QueueContext, filter: DeadLetterFilter): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const letters of deadLetterPages(place, filter, { limit: PAGE, among: 'dead' })) {
    for (const { group = OTHER } of letters) add(counts, group, 1);
  }
  return counts;
}

function add(counts: Map<string, number>, group: string, count: number): void {
  counts.set(group, (counts.get(group) ?? 0) + count);
}
