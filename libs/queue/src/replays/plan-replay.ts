import type { DeadLetterFilter } from '../dead-letters/filter-schema.ts';
import { findDeadLetters } from '../dead-letters/find-dead-letters.ts';
import { OTHER } from '../dead-letters/group-scripts.ts';
import type { Place } from '../dead-letters/place.ts';
import { type DeadLetterGroup, readGroups } from '../dead-letters/read-groups.ts';

/** What a replay would put back, before it is run. */
export interface ReplayPlan {
  readonly count: number;
  /** The causes that they have in common, with how many of each are meant. */
  readonly groups: readonly DeadLetterGroup[];
  /** When the first of those groups' dead letters died, in milliseconds since the epoch. */
  readonly oldest: number | undefined;
}

/** Dead letters a round trip, where they have to be looked at. */
const PAGE = 1_000;

/** Plans a replay: counts what fits, by cause. */
export async function planReplay(place: Place, filter: DeadLetterFilter): Promise<ReplayPlan> {
  const groups = (await readGroups(place)).filter(({ group }) => group === (filter.group ?? group));
  const meant = await Promise.all(
    groups.map(async (group) => ({ ...group, count: await countOf(place, group, filter) })),
  );
  const fit = meant.filter(({ count }) => count > 0);
  return {
    count: fit.reduce((sum, { count }) => sum + count, 0),
    groups: fit,
    oldest: fit.length > 0 ? Math.min(...fit.map(({ first }) => first)) : undefined,
  };
}

/** All of a group are of one connection and one reason, but for those of which no cause is told. */
async function countOf(place: Place, group: DeadLetterGroup, filter: DeadLetterFilter): Promise<number> {
  const { connection, reason } = filter;
  if (connection === undefined && reason === undefined) return group.count;
  const { origin, reason: died } = group.example.death;
  if (group.group !== OTHER && origin) {
    const fits = (connection ?? origin.connection) === origin.connection && (reason ?? died) === died;
    return fits ? group.count : 0;
  }
  return countOneByOne(place, { ...filter, group: group.group });
}

async function countOneByOne(place: Place, filter: DeadLetterFilter): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await findDeadLetters(place, filter, { order: 'oldest', limit: PAGE, cursor });
    count += page.letters.length;
    cursor = page.next;
  } while (cursor);
  return count;
}
