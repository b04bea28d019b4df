import { type Health, type HealthChecks, toHealth } from '@sluice/observability';

export interface ProgressOptions {
  /** Returns how many deliveries of the shard are waiting; `undefined` if Redis cannot be reached. May reject. */
  readonly countWaiting: () => Promise<number | undefined>;
  /** Milliseconds without progress after which a worker counts as stuck. */
  readonly stuckAfter: number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

export interface Progress {
  /** Records that a delivery was taken or an attempt ended. */
  record(): void;
  /** Checks whether any delivery is waiting; a timer calls it. Never rejects. */
  check(): Promise<void>;
  health(): Health;
  close(): void;
}

/** Checks within `stuckAfter`. A delivery that arrived just before one of them is not evidence yet. */
const CHECKS = 4;

/**
 * Watches that a worker takes and ends deliveries of a shard while any are waiting. An empty queue and an unreachable
 * Redis count as progress, because a restart would fix neither.
 */
export function watchProgress({ countWaiting, stuckAfter, now }: ProgressOptions): Progress {
  let progressAt = now();
  let waiting = 0;
  let isChecking = false;
  const check = async () => {
    if (isChecking || now() - progressAt < stuckAfter / CHECKS) return;
    isChecking = true;
    waiting = (await countWaiting().catch(() => undefined)) ?? 0;
    isChecking = false;
    if (waiting === 0) progressAt = now();
  };
  const timer = setInterval(() => void check(), stuckAfter / CHECKS).unref();
  return {
    record: () => {
      progressAt = now();
    },
    check,
    health: () => {
      const idle = now() - progressAt;
      if (idle < stuckAfter) return toHealth(undefined);
      return toHealth(`no progress for ${Math.round(idle / 1000)} s while ${waiting} deliveries wait`);
    },
    close: () => clearInterval(timer),
  };
}

export interface WorkerHealthOptions extends Omit<ProgressOptions, 'countWaiting'> {
  /**
   * Returns how many deliveries of a shard are waiting; `undefined` if Redis cannot be reached. May reject.
   *
   * @param prefix key prefix of the shard
   */
  readonly countWaiting: (prefix: string) => Promise<number | undefined>;
}

export interface WorkerHealth {
  readonly checks: HealthChecks;
  /**
   * Watches the progress of a shard.
   *
   * @param prefix key prefix of the shard
   * @returns a function to call when a delivery was taken or an attempt ended
   */
  watch(prefix: string): () => void;
  /** Marks the worker as started; `isRunning` returns whether it takes deliveries. */
  started(isRunning: () => boolean): void;
  /** Returns whether the worker takes deliveries now. */
  isTaking(): boolean;
  /** Marks the worker as draining: it takes no more deliveries. */
  draining(): void;
}

/** Returns the health of a worker: alive while every shard makes progress, ready while Redis is reachable. */
export function createWorkerHealth({ countWaiting, ...options }: WorkerHealthOptions): WorkerHealth {
  const shards: Progress[] = [];
  let isRunning: (() => boolean) | undefined;
  let isDraining = false;
  const ready = (): Health => {
    if (isDraining) return toHealth('shutting down');
    if (!isRunning) return toHealth('not started');
    return toHealth(isRunning() ? undefined : 'Redis is not reachable');
  };
  return {
    checks: {
      alive: () => shards.map(({ health }) => health()).find(({ ok }) => !ok) ?? toHealth(undefined),
      ready,
      started: () => toHealth(isRunning ? undefined : 'not started'),
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
