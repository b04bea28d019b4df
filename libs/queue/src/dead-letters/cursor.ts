import type { DeadLetterFilter } from './filter.ts';

/** A position in the order of death. It stays valid when the dead letter there is gone. */
export interface Cursor {
  /** Score, as Redis writes it: milliseconds since the epoch. */
  readonly at: string;
  readonly id: string;
}

export type Order = 'newest' | 'oldest';

/** An invalid cursor. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
}

/**
 * Reads the `next` of a page.
 *
 * @throws CursorError if it is invalid
 */
export function readCursor(text: string): Cursor {
  const parts = /^(\d+)-(dlv_[\w-]+)$/.exec(text);
  if (!parts) throw new CursorError(`Invalid cursor "${text}". Use the \`next\` value of the previous page.`);
  return { at: parts[1] ?? '', id: parts[2] ?? '' };
}

/** Writes a cursor as the `next` of a page. */
export const writeCursor = ({ at, id }: Cursor): string => `${at}-${id}`;

/** Returns whether a position comes after another. Those of the same millisecond are in the order of their ids. */
export function isAfter(one: Cursor, other: Cursor, order: Order): boolean {
  const later = Number(one.at) - Number(other.at) || (one.id > other.id ? 1 : one.id < other.id ? -1 : 0);
  return order === 'newest' ? later < 0 : later > 0;
}

/**
 * Returns the arguments of a script that searches a set: the order, score and id where it starts, the other bound. A
 * cursor outside the bounds of the filter is ignored.
 */
export function boundsOf(
  { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY }: DeadLetterFilter,
  order: Order,
  cursor: Cursor | undefined,
): string[] {
  const [start, end] = order === 'newest' ? [until, since] : [since, until];
  const isWithin = cursor && (order === 'newest' ? Number(cursor.at) <= until : Number(cursor.at) >= since);
  return [order, ...(isWithin ? [cursor.at, cursor.id] : [scoreOf(start), '']), scoreOf(end)];
}

function scoreOf(bound: number): string {
  if (Number.isFinite(bound)) return String(bound);
  return bound > 0 ? '+inf' : '-inf';
}

/** Sorts ids by their scores. Those without a score or outside the bounds of the filter are left out. */
export function toCursors(
  ids: readonly string[],
  scores: readonly (string | null)[],
  { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY }: DeadLetterFilter,
  order: Order,
): Cursor[] {
  const cursors = new Map<string, Cursor>();
  for (const [index, id] of ids.entries()) {
    const at = scores[index];
    if (at != null && Number(at) >= since && Number(at) <= until) cursors.set(id, { at, id });
  }
  return [...cursors.values()].sort((one, other) => (isAfter(one, other, order) ? 1 : -1));
}
