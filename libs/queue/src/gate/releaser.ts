import type { RedisQueueBackend } from 'bullmq';
import { Repeater } from '../repeater.ts';
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
  readonly #repeater: Repeater;

  constructor({ backend, onError }: ReleaserOptions) {
    const once = async () => {
      const { next } = await giveTurns(backend);
      return Math.min(IDLE, Math.max(BUSY, next));
    };
    this.#repeater = new Repeater({ once, onError, afterError: IDLE });
  }

  start(): void {
    this.#repeater.start();
  }

  /** Gives no more turns, but for a call that is under way. What has a turn is taken by another worker. */
  stop(): void {
    void this.#repeater.stop();
  }
}
