import { randomUUID } from 'node:crypto';
import type { Moving } from '../dead-letters/moving.ts';
import { takeLease } from '../lease.ts';
import { Repeater } from '../repeater.ts';
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
  readonly #repeater: Repeater;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#repeater = new Repeater({
      once: () => this.#sweep(),
      onError: options.onError,
      afterError: INTERVAL,
    });
  }

  start(): void {
    this.#repeater.start();
  }

  /** Ends after the sweep that is under way. */
  stop(): Promise<void> {
    return this.#repeater.stop();
  }

  async #sweep(): Promise<number> {
    const { redis, base, limits, onSwept } = this.#options;
    // Twice the interval: who sweeps keeps on sweeping.
    if (await takeLease(redis, `${base}retention:lease`, this.#who, 2 * INTERVAL)) {
      onSwept(await sweepDeadLetters(this.#options, limits));
    }
    return INTERVAL;
  }
}
