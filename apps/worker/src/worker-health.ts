import { type Health, type HealthChecks, toHealth } from '@sluice/observability';
import { type Progress, type ProgressOptions, watchProgress } from './watch-progress.ts';

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
      return progress.note;
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
