import type { CallOptions } from './bot-client.ts';
import { BotClients, targetKey } from './bot-clients.ts';
import type { BotTarget } from './bot-target.ts';
import { findEvents } from './find-event.ts';
import type { FindResult, Sought } from './find-result.ts';
import { listPage } from './list-page.ts';
import { SharedWalk } from './shared-walk.ts';

/** Looks for events that calls without an answer may have created. */
export class EventFinder {
  readonly #clients: BotClients;
  /** One for each target and type that somebody looks through. */
  readonly #walks = new Map<string, SharedWalk>();

  constructor(options: CallOptions) {
    this.#clients = new BotClients(options);
  }

  /**
   * Looks through the target's events of a type for that of a delivery, back to when its attempt began. The
   * first call to Botpress is made after this one. Never rejects.
   */
  findEvent(target: BotTarget, { type, deliveryId, startedAt }: Sought): Promise<FindResult> {
    return new Promise((settle) => this.#walkOf(target, type).join({ deliveryId, startedAt, settle }));
  }

  /** Forgets all clients, so that a rotated token leaves none behind. */
  forgetClients(): void {
    this.#clients.forget();
  }

  #walkOf(target: BotTarget, type: string): SharedWalk {
    const key = JSON.stringify([targetKey(target), type]);
    let walk = this.#walks.get(key);
    if (!walk) {
      const client = this.#clients.of(target);
      walk = new SharedWalk(
        (seekers) => findEvents((nextToken) => listPage(client, type, nextToken), seekers),
        () => this.#walks.delete(key),
      );
      this.#walks.set(key, walk);
    }
    return walk;
  }
}
