import { type Health, toHealth } from '@sluice/observability';

export interface ProgressOptions {
  /** How many deliveries of the shard wait to be taken; undefined if Redis does not say. May reject. */
  readonly countWaiting: () => Promise<number | undefined>;
  /** Milliseconds without progress after which a worker is stuck. */
  readonly stuckAfter: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

export interface Progress {
  /** A delivery was taken, or an attempt has ended. */
  note(): void;
  /** Looks whether there is anything to take; the timer does. Never rejects. */
  look(): Promise<void>;
  health(): Health;
  close(): void;
}

/** Looks in the time after which a worker is stuck: what came in just before one of them is no sign yet. */
const LOOKS = 4;

/**
 * Watches that a worker takes and ends deliveries of a shard as long as there are any. One that has none to take makes
 * progress, and so does one whose Redis is away: a restart would mend neither.
 */
export function watchProgress({ countWaiting, stuckAfter, now }: ProgressOptions): Progress {
  let at = now();
  let waiting = 0;
  let isLooking = false;
  const look = async () => {
    if (isLooking || now() - at < stuckAfter / LOOKS) return;
    isLooking = true;
    waiting = (await countWaiting().catch(() => undefined)) ?? 0;
    isLooking = false;
    if (waiting === 0) at = now();
  };
  const timer = setInterval(() => void look(), stuckAfter / LOOKS).unref();
  return {
    note: () => {
      at = now();
    },
    look,
    health: () => {
      const still = now() - at;
      if (still < stuckAfter) return toHealth(undefined);
      const seconds = Math.round(still / 1000);
      return toHealth(`${waiting} deliveries wait, and for ${seconds} s none has been taken or has ended`);
    },
    close: () => clearInterval(timer),
  };
}
