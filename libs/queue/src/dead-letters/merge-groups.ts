import { byCount, type DeadLetterGroup } from './read-groups.ts';

/** Puts the groups of all shards together: a cause may have let deliveries die in several of them. The largest first. */
export function mergeGroups(parts: readonly (readonly DeadLetterGroup[])[]): readonly DeadLetterGroup[] {
  const [only = [], ...others] = parts;
  if (others.length === 0) return only;
  const merged = new Map<string, DeadLetterGroup>();
  for (const group of parts.flat()) {
    const other = merged.get(group.group);
    merged.set(group.group, other ? merge(group, other) : group);
  }
  return [...merged.values()].sort(byCount);
}

function merge(one: DeadLetterGroup, other: DeadLetterGroup): DeadLetterGroup {
  return {
    group: one.group,
    count: one.count + other.count,
    first: Math.min(one.first, other.first),
    last: Math.max(one.last, other.last),
    example: one.last > other.last ? one.example : other.example,
  };
}
