import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AcquireCall, BotClients, type BotTarget, type CallOptions, targetKey } from './bot-client.ts';
import { type PendingLookup, scanEvents } from './event-scan.ts';
import type { EventQuery, LookupResult } from './results.ts';

/** Finds events that calls without a response may have created. */
export class EventLookup {
  readonly #clients: BotClients;
  readonly #acquireCall: AcquireCall;
  /** One scan per target and event type that has lookups in progress. */
  readonly #scans = new Map<string, SharedScan>();

  constructor(options: CallOptions) {
    this.#clients = new BotClients(options);
    this.#acquireCall = options.acquireCall ?? (async () => {});
  }

  /**
   * Searches the target's events of one type for the event of a delivery, back to the start of its attempt.
   * The first request is made after this method returns. Never rejects.
   */
  findExistingEvent(target: BotTarget, query: EventQuery): Promise<LookupResult> {
    return new Promise((resolve) => this.#scanOf(target, query).join({ ...query, resolve }));
  }

  /** Drops all clients so that none keeps a rotated token. Lookups in progress complete. */
  clearClients(): void {
    this.#clients.clear();
  }

  #scanOf(target: BotTarget, { type, facts }: EventQuery): SharedScan {
    const key = JSON.stringify([targetKey(target), type, facts?.probedAt]);
    let scan = this.#scans.get(key);
    if (!scan) {
      const client = this.#clients.get(target);
      const acquireCall = () => this.#acquireCall(target);
      scan = new SharedScan(
        (lookups) => scanEvents({ client, type, facts, acquireCall }, lookups),
        () => this.#scans.delete(key),
      );
      this.#scans.set(key, scan);
    }
    return scan;
  }
}

/**
 * Serves many lookups in the same list with few scans: after an outage, hundreds of deliveries look up their
 * events at once. One scan runs at a time. A lookup that arrives during a scan joins the next one, because the
 * running scan may have passed the place where its event has appeared since.
 */
class SharedScan {
  readonly #scan: (lookups: readonly PendingLookup[]) => Promise<void>;
  readonly #onIdle: () => void;
  #waiting: PendingLookup[] = [];
  #isScanning = false;

  /**
   * @param scan resolves every lookup and never rejects
   * @param onIdle called when no lookup waits any more
   */
  constructor(scan: (lookups: readonly PendingLookup[]) => Promise<void>, onIdle: () => void) {
    this.#scan = scan;
    this.#onIdle = onIdle;
  }

  /** Adds a lookup to the next scan that starts. */
  join(lookup: PendingLookup): void {
    this.#waiting.push(lookup);
    if (!this.#isScanning) void this.#scanWhileWaiting();
  }

  async #scanWhileWaiting(): Promise<void> {
    this.#isScanning = true;
    while (this.#waiting.length > 0) {
      // Collects the lookups that arrive in the same turn of the event loop.
      await nextTurn();
      const lookups = this.#waiting;
      this.#waiting = [];
      await this.#scan(lookups);
    }
    this.#isScanning = false;
    this.#onIdle();
  }
}
