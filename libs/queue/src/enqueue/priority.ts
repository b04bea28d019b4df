import { LAST_PRIORITY } from '../bullmq/layout.ts';

/** Milliseconds. */
const MINUTE = 60_000;

/** Buckets kept before the first sweep. */
const FIRST_SWEEP = 1_000;

/**
 * Assigns the priority of a connection's next delivery: 1 while the connection keeps to its bot's limit, and one more for
 * each delivery that exceeds it. A connection that sends 50,000 orders at once waits behind its own backlog, and a single
 * event of another does not (measured: a wait 400 times shorter, without loss of throughput).
 *
 * One leaky bucket per connection, in this process only: it costs Redis nothing, and a second process or a restart only
 * makes a backlog look shorter.
 */
export class BacklogPriority {
  /** When the bucket of a connection is empty if nothing more arrives. */
  readonly #emptyAt = new Map<string, number>();
  readonly #now: () => number;
  #sweepAt = FIRST_SWEEP;

  /** @param now milliseconds of a monotonic clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Number of buckets: of connections ahead of their limit, and of some that were recently. */
  get size(): number {
    return this.#emptyAt.size;
  }

  /** Returns the priority of one delivery. `eventsPerMinute` is the limit of its bot. */
  next(connection: string, eventsPerMinute: number): number {
    const now = this.#now();
    const interval = MINUTE / eventsPerMinute;
    const emptyAt = Math.max(this.#emptyAt.get(connection) ?? now, now);
    this.#emptyAt.set(connection, emptyAt + interval);
    if (this.#emptyAt.size > this.#sweepAt) this.#sweep(now);
    return Math.min(1 + Math.round((emptyAt - now) / interval), LAST_PRIORITY);
  }

  /** Refunds deliveries that were not enqueued: resends during an outage do not add to a backlog. */
  refund(connection: string, eventsPerMinute: number, count: number): void {
    const emptyAt = this.#emptyAt.get(connection);
    if (emptyAt !== undefined) this.#emptyAt.set(connection, emptyAt - (count * MINUTE) / eventsPerMinute);
  }

  /** Deletes empty buckets. The cost is amortized over as many deliveries as there are buckets. */
  #sweep(now: number): void {
    for (const [connection, emptyAt] of this.#emptyAt) {
      if (emptyAt <= now) this.#emptyAt.delete(connection);
    }
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#emptyAt.size);
  }
}
