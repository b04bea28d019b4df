import { randomUUID } from 'node:crypto';
import { BackgroundTask } from '../redis/background-task.ts';
import { takeLease } from '../redis/lease.ts';
import { createStatusIndex, type StatusIndex, type StatusIndexOptions } from './status-index.ts';

/** Looks up statuses and records them in the index. */
export type SweepStatuses = (index: StatusIndex, sweep: SweepControl) => Promise<void>;

export interface SweepControl {
  /** Aborted when the worker stops: no further call may start. */
  readonly signal: AbortSignal;
  /** Renews the lease. Returns false if another process has taken over; the sweep must end then. */
  keepLease(): Promise<boolean>;
}

export interface StatusSweepOptions extends StatusIndexOptions {
  readonly sweep: SweepStatuses;
  /** Milliseconds between two sweeps. */
  readonly interval: number;
  readonly onError: (error: Error) => void;
}

/** Milliseconds after which another process takes over: longer than one call to Botpress. */
const LEASE = 60_000;

/** Sweeps the statuses of created events. Each worker process has one per shard; one of them at a time sweeps. */
export class StatusSweep {
  readonly #options: StatusSweepOptions;
  readonly #index: StatusIndex;
  readonly #who = randomUUID();
  readonly #stopped = new AbortController();
  readonly #task: BackgroundTask;

  constructor(options: StatusSweepOptions) {
    this.#options = options;
    this.#index = createStatusIndex(options);
    this.#task = new BackgroundTask({
      once: () => this.#sweep(),
      onError: options.onError,
      afterError: options.interval,
    });
  }

  start(): void {
    this.#task.start();
  }

  /** Stops before the next call to Botpress. */
  stop(): Promise<void> {
    this.#stopped.abort();
    return this.#task.stop();
  }

  async #sweep(): Promise<number> {
    const { interval, sweep } = this.#options;
    if (!(await this.#keepLease())) return interval;
    await sweep(this.#index, { signal: this.#stopped.signal, keepLease: () => this.#keepLease() });
    await this.#index.trimDelivered();
    return interval;
  }

  #keepLease(): Promise<boolean> {
    const { redis, base } = this.#options;
    return takeLease(redis, `${base}statuses:lease`, this.#who, LEASE);
  }
}
