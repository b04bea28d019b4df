import type { DeadLetterFilter } from './filter-schema.ts';

/** A place in the order of death, which stays one when what stood there is gone. */
export interface Spot {
  /** Score, as Redis writes it: milliseconds since the epoch. */
  readonly at: string;
  readonly id: string;
}

export type Order = 'newest' | 'oldest';

/** It is none of ours. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
}

/**
 * Reads the `next` of a page.
 *
 * @throws CursorError if it is none
 */
export function readSpot(cursor: string): Spot {
  const parts = /^(\d+)-(dlv_[\w-]+)$/.exec(cursor);
  if (!parts) throw new CursorError(`"${cursor}" is no cursor: take the one that the page before has told`);
  return { at: parts[1] ?? '', id: parts[2] ?? '' };
}

/**
 * Tells a script between which scores it is to walk: the order, the place where it begins, the other bound. A place
 * beyond the filter's own bound is not gone to.
 */
export function boundsOf(
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: DeadLetterFilter,
  order: Order,
  spot: Spot | undefined,
): string[] {
  const [begin, end] = order === 'newest' ? [to, from] : [from, to];
  const isWithin = spot && (order === 'newest' ? Number(spot.at) <= to : Number(spot.at) >= from);
  return [order, ...(isWithin ? [spot.at, spot.id] : [scoreOf(begin), '']), scoreOf(end)];
}

function scoreOf(bound: number): string {
  if (Number.isFinite(bound)) return String(bound);
  return bound > 0 ? '+inf' : '-inf';
}

/** Puts ids in the order of death; without those that have no score or are beyond the filter's bounds. */
export function inOrder(
  ids: readonly string[],
  scores: readonly (string | null)[],
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: DeadLetterFilter,
  order: Order,
): Spot[] {
  const spots = new Map<string, Spot>();
  for (const [index, id] of ids.entries()) {
    const at = scores[index];
    if (at != null && Number(at) >= from && Number(at) <= to) spots.set(id, { at, id });
  }
  return [...spots.values()].sort((one, other) => (comesAfter(one, other, order) ? 1 : -1));
}

/** Tells whether a place comes after another: of the same millisecond they are in the order of their ids. */
export function comesAfter(one: Spot, other: Spot, order: Order): boolean {
  const later = Number(one.at) - Number(other.at) || (one.id > other.id ? 1 : one.id < other.id ? -1 : 0);
  return order === 'newest' ? later < 0 : later > 0;
}
