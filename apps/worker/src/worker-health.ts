import { type Health, type HealthChecks, healthOf } from '@sluice/observability';
import { type ProgressOptions, watchProgress } from './watch-progress.ts';

export interface WorkerHealth {
  readonly checks: HealthChecks;
  /** A delivery was taken, or an attempt has ended. */
  noteProgress(): void;
  /** From now on deliveries are taken while `isRunning` says so. */
  started(isRunning: () => boolean): void;
  /** Whether deliveries are being taken now. */
  isTaking(): boolean;
  /** From now on none is taken. */
  draining(): void;
}

/** What a worker says of itself: alive while it makes progress, ready while it reaches Redis. */
export function createWorkerHealth(options: ProgressOptions): WorkerHealth {
  const progress = watchProgress(options);
  let isRunning: (() => boolean) | undefined;
  let isDraining = false;
  const ready = (): Health => {
    if (isDraining) return healthOf('shutting down');
    if (!isRunning) return healthOf('not taking deliveries yet');
    return healthOf(isRunning() ? undefined : 'Redis is not reachable');
  };
  return {
    checks: {
      alive: progress.health,
      ready,
      started: () => healthOf(isRunning ? undefined : 'not taking deliveries yet'),
    },
    noteProgress: progress.note,
    started: (running) => {
      isRunning = running;
    },
    isTaking: () => ready().ok,
    draining: () => {
      isDraining = true;
      progress.close();
    },
  };
}
