import { randomUUID } from 'node:crypto';
import type { Moving } from '../dead-letters/moving.ts';
import { takeLease } from '../lease.ts';
import { type RetentionLimits, type Sweep, sweepDeadLetters } from './sweep.ts';

export interface RetentionOptions extends Moving {
  readonly limits: RetentionLimits;
  readonly onSwept: (sweep: Sweep) => void;
  readonly onError: (error: Error) => void;
}

/** Milliseconds between two sweeps, of all worker processes together. */
const INTERVAL = 60_000;

/**
 * Keeps dead letters within their limits. Each worker process has one; one of them sweeps, and another goes on when
 * that has died.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #who = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #isStopped = true;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#sweeping = this.#sweep();
  }

  /** Ends after the sweep that is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  /** Never rejects. */
  async #sweep(): Promise<void> {
    const { redis, base, onSwept, onError } = this.#options;
    try {
      // Twice the interval: who sweeps keeps on sweeping, so that its gauges go on.
      if (await takeLease(redis, `${base}retention:lease`, this.#who, 2 * INTERVAL)) {
        onSwept(await sweepDeadLetters(this.#options, this.#options.limits));
      }
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)));
    }
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#sweeping = this.#sweep();
    }, INTERVAL);
  }
}
