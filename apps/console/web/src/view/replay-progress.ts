import type { Replay } from '../api/answers.ts';

/** How far a replay was at a moment. */
export interface Sample {
  /** Milliseconds since the epoch, by this browser's clock. */
  readonly at: number;
  /** Put back and come to an end. */
  readonly settled: number;
}

/** Milliseconds over which the rate is told: what was before says little of what comes. */
const WINDOW = 15_000;

/** Milliseconds; of less no rate is told. */
const MIN_SPAN = 1_000;

export const settledOf = ({ delivered, died, removed }: Replay): number => delivered + died + removed;

/** Adds a sample, and forgets those that are too old. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  return [...samples.filter(({ at }) => at >= sample.at - WINDOW), sample];
}

/**
 * How many a second have come to an end lately; undefined while too little was seen.
 *
 * @param now milliseconds since the epoch: while nothing comes, the rate goes down
 */
export function rateOf(samples: readonly Sample[], now: number): number | undefined {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || now - first.at < MIN_SPAN) return undefined;
  return ((last.settled - first.settled) * 1_000) / (now - first.at);
}

/** Milliseconds until all planned have come to an end, at that rate; undefined where it does not get on. */
export function timeLeft(replay: Replay, rate: number | undefined): number | undefined {
  if (rate === undefined || rate <= 0) return undefined;
  return (Math.max(0, replay.planned - settledOf(replay)) / rate) * 1_000;
}
