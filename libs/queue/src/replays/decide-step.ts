import { outstandingOf, type ReplayRecord } from './replay-record.ts';

/** What a replay is to do next. */
export type Step =
  /** Put so many back, if there are as many; `credit` is what the rate leaves over. */
  | { readonly kind: 'put_back'; readonly count: number; readonly credit: number }
  /** Too many die again. */
  | { readonly kind: 'pause'; readonly why: string };

/** On their way at first; two more for each that is delivered. So no more than these die before it is noticed. */
const FIRST = 10;

/** On their way at most: half a second of a worker's work. */
const MOST = 2_000;

/** A replay pauses when so many have died again, and they are more than this part of all that ended. */
const DIED = 10;
const DIED_PART = 0.2;

/** Milliseconds of its rate that a replay may save up, as while nobody worked for it. */
const SAVED = 1_000;

const MINUTE = 60_000;

/**
 * Decides how many dead letters a replay may put back now: as many as its rate allows and as were lately seen to be
 * delivered, so that what is still broken costs ten dead letters and not all of them.
 *
 * @param now milliseconds since the epoch
 */
export function decideStep(replay: ReplayRecord, now: number): Step {
  const died = replay.died - replay.base.died;
  const delivered = replay.delivered - replay.base.delivered;
  if (died >= DIED && died > DIED_PART * (died + delivered)) {
    return { kind: 'pause', why: `${died} of ${died + delivered} died again` };
  }
  const window = Math.min(MOST, FIRST + 2 * delivered) - outstandingOf(replay);
  const { perMinute, credit, steppedAt } = replay;
  if (perMinute === undefined) return { kind: 'put_back', count: Math.max(0, window), credit: 0 };
  const since = steppedAt === 0 ? 0 : Math.max(0, now - steppedAt);
  const rate = perMinute / MINUTE;
  // The first goes at once.
  const saved = steppedAt === 0 ? 1 : Math.min(credit + since * rate, Math.max(1, SAVED * rate));
  const count = Math.max(0, Math.min(window, Math.floor(saved)));
  return { kind: 'put_back', count, credit: saved - count };
}
