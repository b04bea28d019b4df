import { mergeGroups } from '../dead-letters/merge-groups.ts';
import type { ReplayPlan } from './plan-replay.ts';

/** Puts the plans of all shards together. */
export function mergePlans(plans: readonly ReplayPlan[]): ReplayPlan {
  const oldest = plans.flatMap((plan) => plan.oldest ?? []);
  return {
    count: plans.reduce((total, { count }) => total + count, 0),
    groups: mergeGroups(plans.map(({ groups }) => groups)),
    oldest: oldest.length > 0 ? Math.min(...oldest) : undefined,
  };
}
