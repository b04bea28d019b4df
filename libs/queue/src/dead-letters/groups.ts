import type { QueueContext } from '../bullmq/context.ts';
import { INDEX_GROUPS, OTHER, READ_GROUPS } from '../bullmq/group-scripts.ts';
import { type Failure, readFailure } from '../records/failure.ts';
import { type DeadLetterFilter, FILTER_NAMES, filterField } from './filter.ts';

/** Dead letters of one cause: an incident. */
export interface DeadLetterGroup {
  readonly group: string;
  readonly count: number;
  /** When its first and its last died, in milliseconds since the epoch. */
  readonly first: number;
  readonly last: number;
  /** Its newest: id, topic and why it died. */
  readonly example: { readonly id: string; readonly topic: string; readonly death: Failure };
}

/** Groups that Redis looks at in one go, some 5 ms; and dead letters that it puts into theirs. */
const GROUPS_AT_ONCE = 500;
const LETTERS_AT_ONCE = 1_000;

type Row = readonly [
  group: string,
  count: number,
  first: string,
  last: string,
  id: string,
  failedReason: string,
  topic: string,
];

/**
 * Reads all groups, the largest first.
 *
 * Where they do not hold all dead letters, some died before there were groups: those are put into theirs, which takes
 * a second for 100,000.
 */
export async function readGroups(place: QueueContext): Promise<readonly DeadLetterGroup[]> {
  const groups = await readAll(place);
  const grouped = groups.reduce((sum, { count }) => sum + count, 0);
  if (grouped >= (await place.redis.zcard(`${place.keyPrefix}failed`))) return groups;
  await indexAll(place);
  return readAll(place);
}

async function readAll({ redis, base, keyPrefix }: QueueContext): Promise<readonly DeadLetterGroup[]> {
  const groups: DeadLetterGroup[] = [];
  const names = await redis.smembers(`${base}dead-groups`);
  for (let from = 0; from < names.length; from += GROUPS_AT_ONCE) {
    const some = names.slice(from, from + GROUPS_AT_ONCE);
    const rows = (await redis.eval(READ_GROUPS, 2, base, keyPrefix, ...some)) as readonly Row[];
    groups.push(...rows.map(toGroup));
  }
  return groups.sort(byCount);
}

/** The order of groups: the largest first, of two alike the one that let something die last. */
function byCount(one: DeadLetterGroup, other: DeadLetterGroup): number {
  return other.count - one.count || other.last - one.last;
}

async function indexAll({ redis, base, keyPrefix }: QueueContext): Promise<void> {
  let looked = 0;
  for (let from = 0; from === 0 || looked === LETTERS_AT_ONCE; from += LETTERS_AT_ONCE) {
    looked = Number(await redis.eval(INDEX_GROUPS, 2, base, keyPrefix, from, LETTERS_AT_ONCE));
  }
}

function toGroup([group, count, first, last, id, failedReason, topic]: Row): DeadLetterGroup {
  const death = readFailure(failedReason);
  return { group, count, first: Number(first), last: Number(last), example: { id, topic, death } };
}

/** Fields of which all dead letters of a group have the same value, and of those the ones that tell groups apart. */
const SHARED = FILTER_NAMES.filter((name) => filterField(name).isShared);
const CAUSE = SHARED.filter((name) => name !== 'group');

/** Returns whether the filter sets a field by which groups differ. */
export const asksForCause = (filter: DeadLetterFilter): boolean =>
  CAUSE.some((name) => filter[name] !== undefined);

/** Returns whether the filter sets a field that may differ within a group. */
export const asksBesidesCause = (filter: DeadLetterFilter): boolean =>
  FILTER_NAMES.some((name) => filter[name] !== undefined && !SHARED.includes(name));

/** Whether its dead letters may have different causes: those of which none was told. */
export const isMixed = ({ group, example }: DeadLetterGroup): boolean =>
  group === OTHER || !example.death.origin;

/** Whether all of a group have the cause that the filter asks for; of a mixed one it says nothing. */
export function hasCause({ example: { death } }: DeadLetterGroup, filter: DeadLetterFilter): boolean {
  const { origin, reason, detail } = death;
  const values: Readonly<Record<string, unknown>> = { ...origin, reason, ...detail };
  return CAUSE.every((name) => filter[name] === undefined || filter[name] === values[name]);
}

/**
 * Narrows a filter by what is known of groups: undefined if nothing can fit it, the filter with its group if only one
 * group does. It asks for all groups, so it is for where the alternative is to look at each dead letter.
 */
export async function narrowToGroup(
  place: QueueContext,
  filter: DeadLetterFilter,
): Promise<DeadLetterFilter | undefined> {
  if (filter.group !== undefined || !asksForCause(filter)) return filter;
  const fitting = (await readGroups(place)).filter((group) => isMixed(group) || hasCause(group, filter));
  const [only, ...others] = fitting;
  if (!only) return undefined;
  return others.length > 0 ? filter : { ...filter, group: only.group };
}

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
