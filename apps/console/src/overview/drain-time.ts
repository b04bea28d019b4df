import type { Traffic } from './rate-history.ts';

/** Milliseconds that must have been watched before a rate says anything. */
const WORTH_A_RATE = 9_000;

/**
 * How many seconds it takes until nothing waits any more: what waits, at the slower of what the bot may get and what it
 * got lately. Null where it does not get less.
 */
export function drainTime(
  pending: number,
  { lately, span }: Pick<Traffic, 'lately' | 'span'>,
  eventsPerMinute: number | null,
): number | null {
  if (pending <= 0) return 0;
  if (span < WORTH_A_RATE || lately.events <= lately.accepted) return null;
  const perMinute = Math.min((lately.events / span) * 60_000, eventsPerMinute ?? Number.POSITIVE_INFINITY);
  return Math.ceil((pending / perMinute) * 60);
}
