import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Seeker } from './find-event.ts';

/**
 * Has many look for their events in the same list with few walks through it: after an outage, hundreds of
 * deliveries look at once. One walk at a time; who comes while it is under way is taken along by the next, for
 * the walk may have passed by the place where an event has appeared since.
 */
export class SharedWalk {
  readonly #walk: (seekers: readonly Seeker[]) => Promise<void>;
  readonly #onIdle: () => void;
  #waiting: Seeker[] = [];
  #isWalking = false;

  /**
   * @param walk tells every seeker something, and never rejects
   * @param onIdle is called when nobody is left that waits
   */
  constructor(walk: (seekers: readonly Seeker[]) => Promise<void>, onIdle: () => void) {
    this.#walk = walk;
    this.#onIdle = onIdle;
  }

  /** Takes the seeker along on the next walk that starts. */
  join(seeker: Seeker): void {
    this.#waiting.push(seeker);
    if (!this.#isWalking) void this.#walkWhileAnyWait();
  }

  async #walkWhileAnyWait(): Promise<void> {
    this.#isWalking = true;
    while (this.#waiting.length > 0) {
      // Those who come in the same moment are taken along.
      await nextTurn();
      const seekers = this.#waiting;
      this.#waiting = [];
      await this.#walk(seekers);
    }
    this.#isWalking = false;
    this.#onIdle();
  }
}
