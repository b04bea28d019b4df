import type { RedisQueueBackend } from 'bullmq';
import { giveTurns } from './give-turns.ts';

export interface ReleaserOptions {
  /** Of the worker's queue. */
  readonly backend: RedisQueueBackend;
  readonly onError: (error: Error) => void;
}

/** Milliseconds between two looks, at least: what comes due meanwhile is called together. */
const BUSY = 20;

/** Milliseconds, at most: so late it is noticed that another process has filled a lane. */
const IDLE = 1_000;

/**
 * Calls deliveries back that wait in lanes, when their turn comes. Each worker process runs one; any of them
 * may do all the work, and none does any twice.
 */
export class Releaser {
  readonly #options: ReleaserOptions;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = true;

  constructor(options: ReleaserOptions) {
    this.#options = options;
  }

  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    void this.#look();
  }

  /** Gives no more turns, but for a call that is under way. What has a turn is taken by another worker. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const wait = await this.#giveTurns();
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => void this.#look(), wait);
  }

  /** Gives what turns there are, and answers in how many milliseconds to look again. */
  async #giveTurns(): Promise<number> {
    const { backend, onError } = this.#options;
    try {
      const { next } = await giveTurns(backend);
      return Math.min(IDLE, Math.max(BUSY, next));
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)));
      return IDLE;
    }
  }
}
