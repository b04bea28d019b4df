import type { QueueContext } from '../bullmq/context.ts';
import { countDeadLetters } from '../dead-letters/count.ts';
import type { DeadLetterFilter } from '../dead-letters/filter.ts';
import {
  type DeadLetterGroup,
  filtersByCause,
  filtersWithinGroups,
  isMixed,
  matchesCause,
  mergeGroups,
  readGroups,
} from '../dead-letters/groups.ts';

/** What a replay would requeue. */
export interface ReplayPlan {
  readonly count: number;
  /** The groups of the dead letters that match, with how many of each match. */
  readonly groups: readonly DeadLetterGroup[];
  /** When the oldest dead letter of those groups died, in milliseconds since the epoch. */
  readonly oldest: number | undefined;
  /** How many of them have an event already, which the bot failed or ignored. A replay creates a second one. */
  readonly secondEvents: number;
}

const hasEvent = ({ example }: DeadLetterGroup): boolean =>
  example.death.reason === 'bot_failed' || example.death.reason === 'bot_ignored';

const sizeOf = (groups: readonly DeadLetterGroup[]): number =>
  groups.reduce((sum, { count }) => sum + count, 0);

/** Counts the dead letters that match, by group. */
export async function planReplay(queue: QueueContext, filter: DeadLetterFilter): Promise<ReplayPlan> {
  const groups = (await readGroups(queue)).filter(({ group }) => group === (filter.group ?? group));
  const counts = (await countByCause(queue, groups, filter)) ?? (await countDeadLetters(queue, filter));
  const matching = groups
    .map((group) => ({ ...group, count: counts.get(group.group) ?? 0 }))
    .filter(({ count }) => count > 0);
  return {
    count: sizeOf(matching),
    groups: matching,
    oldest: matching.length > 0 ? Math.min(...matching.map(({ first }) => first)) : undefined,
    secondEvents: sizeOf(matching.filter(hasEvent)),
  };
}

/**
 * Counts by the sizes of groups. Only dead letters without a source are looked at.
 *
 * @returns undefined if the filter sets a field that may differ within a group
 */
async function countByCause(
  queue: QueueContext,
  groups: readonly DeadLetterGroup[],
  filter: DeadLetterFilter,
): Promise<ReadonlyMap<string, number> | undefined> {
  if (filtersWithinGroups(filter)) return undefined;
  const { group: _, ...cause } = filter;
  const counts = new Map<string, number>();
  for (const one of groups) {
    const { group, count } = one;
    if (filtersByCause(cause) && isMixed(one)) {
      counts.set(group, (await countDeadLetters(queue, { ...cause, group })).get(group) ?? 0);
    } else if (matchesCause(one, cause)) counts.set(group, count);
  }
  return counts;
}

/** Merges the plans of all shards. */
export function mergePlans(plans: readonly ReplayPlan[]): ReplayPlan {
  const oldest = plans.flatMap((plan) => plan.oldest ?? []);
  return {
    count: plans.reduce((total, { count }) => total + count, 0),
    groups: mergeGroups(plans.map(({ groups }) => groups)),
    oldest: oldest.length > 0 ? Math.min(...oldest) : undefined,
    secondEvents: plans.reduce((total, { secondEvents }) => total + secondEvents, 0),
  };
}
