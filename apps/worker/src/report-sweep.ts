import type { Logger } from '@sluice/observability';
import type { RetentionLimits, Sweep } from '@sluice/queue';

/** Milliseconds between two announcements of the same condition. */
const ANNOUNCE_EVERY = 3_600_000;

/** Share of the byte limit above which the log announces that the oldest dead letters will expire. */
const NEARLY_FULL = 0.8;

/**
 * Returns a function that logs a retention sweep: deleted dead letters every time, upcoming deletions once an hour.
 *
 * @param now milliseconds of a monotonic clock
 */
export function createSweepReporter(
  logger: Logger,
  { maxBytes }: RetentionLimits,
  now: () => number,
): (sweep: Sweep) => void {
  let nextAnnouncementAt = Number.NEGATIVE_INFINITY;
  return ({ tooOld, tooMany, expiring, bytes, left }) => {
    if (tooOld > 0) logger.warn({ count: tooOld, why: 'age', left }, 'dead_letters.expired');
    if (tooMany > 0) logger.warn({ count: tooMany, why: 'bytes', left }, 'dead_letters.expired');
    const isNearlyFull = maxBytes !== undefined && bytes > NEARLY_FULL * maxBytes;
    if ((expiring === 0 && !isNearlyFull) || now() < nextAnnouncementAt) return;
    nextAnnouncementAt = now() + ANNOUNCE_EVERY;
    if (expiring > 0) logger.warn({ count: expiring, withinHours: 24 }, 'dead_letters.expiring');
    if (isNearlyFull) logger.warn({ bytes, maxBytes }, 'dead_letters.nearly_full');
  };
}
