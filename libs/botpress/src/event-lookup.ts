import { setImmediate as nextTurn } from 'node:timers/promises';
import { BotClients, type BotTarget, type CallOptions, targetKey } from './bot-client.ts';
import { type LookupRequest, listPage, scanEvents } from './event-list.ts';
import type { EventQuery, LookupResult } from './results.ts';

/** Looks for events that calls without an answer may have created. */
export class EventLookup {
  readonly #clients: BotClients;
  /** One for each target and type that somebody looks through. */
  readonly #walks = new Map<string, SharedScan>();

  constructor(options: CallOptions) {
    this.#clients = new BotClients(options);
  }

  /**
   * Looks through the target's events of a type for that of a delivery, back to when its attempt began. The
   * first call to Botpress is made after this one. Never rejects.
   */
  findExistingEvent(target: BotTarget, { type, deliveryId, startedAt }: EventQuery): Promise<LookupResult> {
    return new Promise((settle) => this.#walkOf(target, type).join({ deliveryId, startedAt, settle }));
  }

  /** Forgets all clients, so that a rotated token leaves none behind. */
  forgetClients(): void {
    this.#clients.forget();
  }

  #walkOf(target: BotTarget, type: string): SharedScan {
    const key = JSON.stringify([targetKey(target), type]);
    let walk = this.#walks.get(key);
    if (!walk) {
      const client = this.#clients.of(target);
      walk = new SharedScan(
        (seekers) => scanEvents((nextToken) => listPage(client, type, nextToken), seekers),
        () => this.#walks.delete(key),
      );
      this.#walks.set(key, walk);
    }
    return walk;
  }
}

/**
 * Has many look for their events in the same list with few walks through it: after an outage, hundreds of
 * deliveries look at once. One walk at a time; who comes while it is under way is taken along by the next, for
 * the walk may have passed by the place where an event has appeared since.
 */
export class SharedScan {
  readonly #walk: (seekers: readonly LookupRequest[]) => Promise<void>;
  readonly #onIdle: () => void;
  #waiting: LookupRequest[] = [];
  #isWalking = false;

  /**
   * @param walk tells every seeker something, and never rejects
   * @param onIdle is called when nobody is left that waits
   */
  constructor(walk: (seekers: readonly LookupRequest[]) => Promise<void>, onIdle: () => void) {
    this.#walk = walk;
    this.#onIdle = onIdle;
  }

  /** Takes the seeker along on the next walk that starts. */
  join(seeker: LookupRequest): void {
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
