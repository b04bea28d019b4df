import { type Death, readDeadReason } from '../dead-letter.ts';
import { INDEX_GROUPS, READ_GROUPS } from './group-scripts.ts';
import type { Place } from './place.ts';

/** Dead letters of one cause: an incident. */
export interface DeadLetterGroup {
  readonly group: string;
  readonly count: number;
  /** When its first and its last died, in milliseconds since the epoch. */
  readonly first: number;
  readonly last: number;
  /** Its newest: id, topic and why it died. */
  readonly example: { readonly id: string; readonly topic: string; readonly death: Death };
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
export async function readGroups(place: Place): Promise<readonly DeadLetterGroup[]> {
  const groups = await readAll(place);
  const grouped = groups.reduce((sum, { count }) => sum + count, 0);
  if (grouped >= (await place.redis.zcard(`${place.keyPrefix}failed`))) return groups;
  await indexAll(place);
  return readAll(place);
}

async function readAll({ redis, base, keyPrefix }: Place): Promise<readonly DeadLetterGroup[]> {
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
export function byCount(one: DeadLetterGroup, other: DeadLetterGroup): number {
  return other.count - one.count || other.last - one.last;
}

async function indexAll({ redis, base, keyPrefix }: Place): Promise<void> {
  let looked = 0;
  for (let from = 0; from === 0 || looked === LETTERS_AT_ONCE; from += LETTERS_AT_ONCE) {
    looked = Number(await redis.eval(INDEX_GROUPS, 2, base, keyPrefix, from, LETTERS_AT_ONCE));
  }
}

function toGroup([group, count, first, last, id, failedReason, topic]: Row): DeadLetterGroup {
  const death = readDeadReason(failedReason);
  return { group, count, first: Number(first), last: Number(last), example: { id, topic, death } };
}
