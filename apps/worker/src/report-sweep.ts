import type { Logger } from '@sluice/observability';
import type { RetentionLimits, Sweep } from '@sluice/queue';

/** Milliseconds after which the same is announced again. */
const AGAIN = 3_600_000;

/** Part of the bytes that dead letters may take, from which on it is announced that the oldest will go. */
const NEARLY_FULL = 0.8;

/**
 * Makes what tells of a sweep: every time what was deleted, and once an hour what will be.
 *
 * @param now milliseconds of a clock that never goes back
 */
export function createSweepReporter(
  logger: Logger,
  { maxBytes }: RetentionLimits,
  now: () => number,
): (sweep: Sweep) => void {
  let tellAgainAt = Number.NEGATIVE_INFINITY;
  return ({ tooOld, tooMany, expiring, bytes, left }) => {
    if (tooOld > 0) logger.warn({ count: tooOld, why: 'age', left }, 'dead_letters.expired');
    if (tooMany > 0) logger.warn({ count: tooMany, why: 'bytes', left }, 'dead_letters.expired');
    const isNearlyFull = maxBytes !== undefined && bytes > NEARLY_FULL * maxBytes;
    if ((expiring === 0 && !isNearlyFull) || now() < tellAgainAt) return;
    tellAgainAt = now() + AGAIN;
    if (expiring > 0) logger.warn({ count: expiring, withinHours: 24 }, 'dead_letters.expiring');
    if (isNearlyFull) logger.warn({ bytes, maxBytes }, 'dead_letters.nearly_full');
  };
}
