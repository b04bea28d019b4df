import type { DeadLetterFilter } from './filter-schema.ts';
import { OTHER } from './group-scripts.ts';
import type { Place } from './place.ts';
import { type DeadLetterGroup, readGroups } from './read-groups.ts';

/** What is in the fingerprint, so that of one group all have it or none. */
const CAUSE = ['connection', 'topic', 'event', 'reason', 'type', 'status'] as const;

/** Whether the filter asks for anything of the cause, by which groups can be told apart. */
export const asksForCause = (filter: DeadLetterFilter): boolean =>
  CAUSE.some((name) => filter[name] !== undefined);

/** What all of a group have or none. */
const SHARED: ReadonlySet<string> = new Set([...CAUSE, 'group']);

/** Whether the filter asks for anything that may differ within a group. */
export const asksBesidesCause = (filter: DeadLetterFilter): boolean =>
  Object.entries(filter).some(([name, wanted]) => wanted !== undefined && !SHARED.has(name));

/** Whether its dead letters may have different causes: those of which none was told. */
export const isMixed = ({ group, example }: DeadLetterGroup): boolean =>
  group === OTHER || !example.death.origin;

/** Whether all of a group have the cause that the filter asks for; of a mixed one it says nothing. */
export function hasCause({ example: { death } }: DeadLetterGroup, filter: DeadLetterFilter): boolean {
  const { origin, reason, detail } = death;
  const told: Pick<DeadLetterFilter, (typeof CAUSE)[number]> = { ...origin, reason, ...detail };
  return CAUSE.every((name) => filter[name] === undefined || filter[name] === told[name]);
}

/**
 * Narrows a filter by what is known of groups: undefined if nothing can fit it, the filter with its group if only one
 * group does. It asks for all groups, so it is for where the alternative is to look at each dead letter.
 */
export async function narrowToGroup(
  place: Place,
  filter: DeadLetterFilter,
): Promise<DeadLetterFilter | undefined> {
  if (filter.group !== undefined || !asksForCause(filter)) return filter;
  const fitting = (await readGroups(place)).filter((group) => isMixed(group) || hasCause(group, filter));
  const [only, ...others] = fitting;
  if (!only) return undefined;
  return others.length > 0 ? filter : { ...filter, group: only.group };
}
