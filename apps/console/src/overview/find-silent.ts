import type { MinutePoint } from './rate-history.ts';

/** Minutes with webhooks that make a habit, in what was watched; fewer would be a guess. */
const HABIT = 10;

/** A silence that is so many times the longest one before, and no shorter than so many minutes. */
const TIMES = 3;
const AT_LEAST = 5;

/**
 * Finds for how many minutes a connection has been silent, if that is not like it: longer by far than any pause that was
 * seen between its webhooks. Undefined if nothing is odd.
 */
export function findSilence(history: readonly MinutePoint[]): number | undefined {
  const busy = history.flatMap(({ webhooks }, index) => (webhooks > 0 ? [index] : []));
  const last = busy.at(-1);
  if (last === undefined || busy.length < HABIT) return undefined;
  const longest = Math.max(...busy.slice(1).map((index, before) => index - (busy[before] ?? index)));
  const silent = history.length - 1 - last;
  return silent >= Math.max(AT_LEAST, TIMES * longest) ? silent : undefined;
}
