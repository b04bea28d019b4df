import { type Health, type HealthChecks, toHealth } from '@sluice/observability';

export interface WorkerHealthOptions extends Omit<ProgressOptions, 'countWaiting'> {
  /** How many deliveries of the shard with that prefix wait to be taken; undefined if Redis does not say. May reject. */
  readonly countWaiting: (prefix: string) => Promise<number | undefined>;
}

export interface WorkerHealth {
  readonly checks: HealthChecks;
  /** Watches a shard, by the prefix of its keys. Call what is returned when a delivery was taken or has ended. */
  watch(prefix: string): () => void;
  /** From now on deliveries are taken while `isRunning` says so. */
  started(isRunning: () => boolean): void;
  /** Whether deliveries are being taken now. */
  isTaking(): boolean;
  /** From now on none is taken. */
  draining(): void;
}

/** What a worker says of itself: alive while it makes progress in every shard, ready while it reaches Redis. */
export function createWorkerHealth({ countWaiting, ...options }: WorkerHealthOptions): WorkerHealth {
  const shards: Progress[] = [];
  let isRunning: (() => boolean) | undefined;
  let isDraining = false;
  const ready = (): Health => {
    if (isDraining) return toHealth('shutting down');
    if (!isRunning) return toHealth('not taking deliveries yet');
    return toHealth(isRunning() ? undefined : 'Redis is not reachable');
  };
  return {
    checks: {
      alive: () => shards.map(({ health }) => health()).find(({ ok }) => !ok) ?? toHealth(undefined),
      ready,
      started: () => toHealth(isRunning ? undefined : 'not taking deliveries yet'),
    },
    watch(prefix) {
      const progress = watchProgress({ ...options, countWaiting: () => countWaiting(prefix) });
      shards.push(progress);
      return progress.record;
    },
    started: (running) => {
      isRunning = running;
    },
    isTaking: () => ready().ok,
    draining: () => {
      isDraining = true;
      for (const progress of shards) progress.close();
    },
  };
}

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
  record(): void;
  /** Looks whether there is anything to take; the timer does. Never rejects. */
  check(): Promise<void>;
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
    record: () => {
      at = now();
    },
    check: look,
    health: () => {
      const still = now() - at;
      if (still < stuckAfter) return toHealth(undefined);
      const seconds = Math.round(still / 1000);
      return toHealth(`${waiting} deliveries wait, and for ${seconds} s none has been taken or has ended`);
    },
    close: () => clearInterval(timer),
  };
}
