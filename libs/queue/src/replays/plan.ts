import type { QueueContext } from '../bullmq/context.ts';
import { countDeadLetters } from '../dead-letters/count.ts';
import type { DeadLetterFilter } from '../dead-letters/filter.ts';
import {
  asksBesidesCause,
  asksForCause,
  type DeadLetterGroup,
  hasCause,
  isMixed,
  mergeGroups,
  readGroups,
} from '../dead-letters/groups.ts';

/** What a replay would put back, before it is run. */
export interface ReplayPlan {
  readonly count: number;
  /** The causes that they have in common, with how many of each are meant. */
  readonly groups: readonly DeadLetterGroup[];
  /** When the first of those groups' dead letters died, in milliseconds since the epoch. */
  readonly oldest: number | undefined;
}

/** Plans a replay: counts what fits, by cause. */
export async function planReplay(place: QueueContext, filter: DeadLetterFilter): Promise<ReplayPlan> {
  const groups = (await readGroups(place)).filter(({ group }) => group === (filter.group ?? group));
  const counts = (await countByCause(place, groups, filter)) ?? (await countDeadLetters(place, filter));
  const meant = groups
    .map((group) => ({ ...group, count: counts.get(group.group) ?? 0 }))
    .filter(({ count }) => count > 0);
  return {
    count: meant.reduce((sum, { count }) => sum + count, 0),
    groups: meant,
    oldest: meant.length > 0 ? Math.min(...meant.map(({ first }) => first)) : undefined,
  };
}

/**
 * Counts without looking at most dead letters, where the filter asks for nothing that differs within a group;
 * undefined where it does. Of those that tell no origin each is looked at.
 */
async function countByCause(
  place: QueueContext,
  groups: readonly DeadLetterGroup[],
  filter: DeadLetterFilter,
): Promise<ReadonlyMap<string, number> | undefined> {
  if (asksBesidesCause(filter)) return undefined;
  const { group: _, ...cause } = filter;
  const counts = new Map<string, number>();
  for (const one of groups) {
    const { group, count } = one;
    if (asksForCause(cause) && isMixed(one)) {
      counts.set(group, (await countDeadLetters(place, { ...cause, group })).get(group) ?? 0);
    } else if (hasCause(one, cause)) counts.set(group, count);
  }
  return counts;
}

/** Puts the plans of all shards together. */
export function mergePlans(plans: readonly ReplayPlan[]): ReplayPlan {
  const oldest = plans.flatMap((plan) => plan.oldest ?? []);
  return {
    count: plans.reduce((total, { count }) => total + count, 0),
    groups: mergeGroups(plans.map(({ groups }) => groups)),
    oldest: oldest.length > 0 ? Math.min(...oldest) : undefined,
  };
}
