const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits after the first, second, … failed attempt; from then on every two hours. */
const DELAYS = [SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR];
const LATER = 2 * HOUR;

/** Failures come in waves; without jitter the retries would come in the same waves. */
const JITTER = 0.2;

export interface FailedAttempt {
  /** Attempts that failed before this one. */
  readonly attemptsMade: number;
  /** Milliseconds that the connection allows for retrying in all. */
  readonly budget: number;
  /** Milliseconds that the API asked for. */
  readonly retryAfter?: number | undefined;
  /** From 0 to 1; passed in, so that tests know it. */
  readonly random: () => number;
}

/**
 * Tells how long to wait before the next attempt.
 *
 * The budget is spent by the schedule's own waits and not by the clock, so time that a delivery was paced
 * or held does not shorten its retries, and nothing needs to be stored.
 *
 * @returns milliseconds, ± 20 % and never less than the API asked for; undefined if the budget is spent
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
