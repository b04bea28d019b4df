import type { QueueContext } from '../bullmq/context.ts';
import { LUA_LAYOUT } from '../bullmq/layout.ts';
import { OWN_KEYS } from '../keys.ts';
import { type Failure, OTHER_GROUP, readFailure } from '../records/failure.ts';
import { luaScript, runScript } from '../redis/scripts.ts';
import { type DeadLetterFilter, FILTER_NAMES, filterField } from './filter.ts';

/** Dead letters with the same cause. */
export interface DeadLetterGroup {
  readonly group: string;
  readonly count: number;
  /** When its first and its last died, in milliseconds since the epoch. */
  readonly first: number;
  readonly last: number;
  /** Its newest dead letter. */
  readonly example: { readonly id: string; readonly topic: string; readonly death: Failure };
}

const constants = { ...LUA_LAYOUT, GROUP_OTHER: OTHER_GROUP };
const READ_GROUPS = luaScript(import.meta.url, './lua/read-groups.lua', { keys: 2, constants });
const INDEX_GROUPS = luaScript(import.meta.url, './lua/index-groups.lua', { keys: 2, constants });
const PRUNE_GROUP = luaScript(import.meta.url, './lua/prune-group.lua', { keys: 2, constants });

/** Groups that one script reads, and dead letters that one script indexes or prunes, in about 5 ms. */
const GROUPS_AT_ONCE = 500;
const LETTERS_AT_ONCE = 1_000;

type Row = readonly [
  group: string,
  count: number,
  first: string,
  last: string,
  id: string,
  failure: string,
  failedReason: string,
  topic: string,
];

interface Index {
  readonly groups: readonly DeadLetterGroup[];
  /** Entries of all groups. */
  readonly entries: number;
  /** The lowest and the highest number of dead letters meanwhile. */
  readonly atLeast: number;
  readonly atMost: number;
}

/**
 * Reads all groups, the largest first.
 *
 * Dead letters from before there were groups are indexed first, and entries that an earlier version left behind are
 * removed. Either takes a second for 100,000. The number of entries reveals both.
 */
export async function readGroups(queue: QueueContext): Promise<readonly DeadLetterGroup[]> {
  const index = await readIndex(queue);
  if (index.entries > index.atMost) await pruneAll(queue, index.groups);
  else if (index.entries < index.atLeast) await indexAll(queue);
  else return index.groups;
  return (await readIndex(queue)).groups;
}

async function readIndex({ redis, base, keyPrefix }: QueueContext): Promise<Index> {
  const groups: DeadLetterGroup[] = [];
  const dead: number[] = [];
  const names = await redis.smembers(base + OWN_KEYS.deadGroups);
  for (let start = 0; start === 0 || start < names.length; start += GROUPS_AT_ONCE) {
    const some = names.slice(start, start + GROUPS_AT_ONCE);
    const reply = await runScript(redis, READ_GROUPS, base, keyPrefix, ...some);
    const [count, rows] = reply as [number, readonly Row[]];
    dead.push(count);
    groups.push(...rows.map(toGroup));
  }
  const entries = groups.reduce((sum, { count }) => sum + count, 0);
  return {
    groups: groups.sort(byCount),
    entries,
    atLeast: Math.min(...dead),
    atMost: Math.max(...dead),
  };
}

/** Sorts the largest group first; of groups of the same size, the one whose last dead letter is newer. */
function byCount(one: DeadLetterGroup, other: DeadLetterGroup): number {
  return other.count - one.count || other.last - one.last;
}

async function indexAll({ redis, base, keyPrefix }: QueueContext): Promise<void> {
  let looked = LETTERS_AT_ONCE;
  for (let start = 0; looked === LETTERS_AT_ONCE; start += LETTERS_AT_ONCE) {
    looked = Number(await runScript(redis, INDEX_GROUPS, base, keyPrefix, start, LETTERS_AT_ONCE));
  }
}

async function pruneAll(
  { redis, base, keyPrefix }: QueueContext,
  groups: readonly DeadLetterGroup[],
): Promise<void> {
  for (const { group } of groups) {
    let [start, looked] = [0, LETTERS_AT_ONCE];
    while (looked === LETTERS_AT_ONCE) {
      const args = [base, keyPrefix, group, start, LETTERS_AT_ONCE];
      const reply = await runScript(redis, PRUNE_GROUP, ...args);
      const [lookedAt, left] = reply as [number, number];
      looked = lookedAt;
      start += left;
    }
  }
}

function toGroup([group, count, first, last, id, failure, failedReason, topic]: Row): DeadLetterGroup {
  const death = readFailure(failure, failedReason);
  return { group, count, first: Number(first), last: Number(last), example: { id, topic, death } };
}

/** Fields of which all dead letters of a group have the same value, and of those the ones by which groups differ. */
const SHARED = FILTER_NAMES.filter((name) => filterField(name).isShared);
const CAUSE = SHARED.filter((name) => name !== 'group');

/** Returns whether the filter sets a field by which groups differ. */
export const filtersByCause = (filter: DeadLetterFilter): boolean =>
  CAUSE.some((name) => filter[name] !== undefined);

/** Returns whether the filter sets a field that may differ within a group. */
export const filtersWithinGroups = (filter: DeadLetterFilter): boolean =>
  FILTER_NAMES.some((name) => filter[name] !== undefined && !SHARED.includes(name));

/** Returns whether the dead letters of a group may have different causes: those stored without a source. */
export const isMixed = ({ group, example }: DeadLetterGroup): boolean =>
  group === OTHER_GROUP || !example.death.origin;

/** Returns whether all dead letters of a group have the cause that the filter selects. Not for a mixed group. */
export function matchesCause({ example: { death } }: DeadLetterGroup, filter: DeadLetterFilter): boolean {
  const { origin, reason, detail } = death;
  const values: Readonly<Record<string, unknown>> = { ...origin, reason, ...detail };
  return CAUSE.every((name) => filter[name] === undefined || filter[name] === values[name]);
}

/**
 * Narrows a filter by the known groups: returns `undefined` if nothing can match, and the filter with its group if only
 * one group can match. It reads all groups, which pays off where the alternative is to look at each dead letter.
 */
export async function narrowToGroup(
  queue: QueueContext,
  filter: DeadLetterFilter,
): Promise<DeadLetterFilter | undefined> {
  if (filter.group !== undefined || !filtersByCause(filter)) return filter;
  const groups = await readGroups(queue);
  const matching = groups.filter((group) => isMixed(group) || matchesCause(group, filter));
  const [only, ...others] = matching;
  if (!only) return undefined;
  return others.length > 0 ? filter : { ...filter, group: only.group };
}

/** Merges the groups of all shards, the largest first. A group may have dead letters in several shards. */
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
