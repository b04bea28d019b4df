const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Delay after the first, second, … failed attempt; every two hours from then on. */
const DELAYS = [SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR];
const LATER = 2 * HOUR;

/** Failures come in waves. Without jitter the retries would come in the same waves. */
const JITTER = 0.2;

export interface FailedAttempt {
  /** Failed attempts before this one. */
  readonly attemptsMade: number;
  /** Total retry budget of the connection, in milliseconds. */
  readonly budget: number;
  /** Delay requested by the API, in milliseconds. */
  readonly retryAfter?: number | undefined;
  /** Returns a number from 0 to 1. */
  readonly random: () => number;
}

/**
 * Returns the delay before the next attempt.
 *
 * The budget is spent by the schedule's own delays and not by the clock. Time spent paced or held therefore does not
 * shorten the retries, and nothing needs to be stored.
 *
 * @returns milliseconds, ± 20 % and never less than `retryAfter`; `undefined` if the budget is spent
 */
export function nextRetry({
  attemptsMade,
  budget,
  retryAfter = 0,
  random,
}: FailedAttempt): number | undefined {
  const delay = delayAfter(attemptsMade);
  if (spentBefore(attemptsMade) + Math.max(delay, retryAfter) > budget) return undefined;
  const jittered = delay * (1 - JITTER + 2 * JITTER * random());
  return Math.round(Math.max(jittered, retryAfter * (1 + JITTER * random())));
}

function delayAfter(attemptsMade: number): number {
  return DELAYS[attemptsMade] ?? LATER;
}

function spentBefore(attemptsMade: number): number {
  const listed = DELAYS.slice(0, attemptsMade).reduce((sum, delay) => sum + delay, 0);
  return listed + Math.max(0, attemptsMade - DELAYS.length) * LATER;
}
