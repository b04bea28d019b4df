import { LAST_PRIORITY } from '../bullmq/layout.ts';

/** Milliseconds. */
const MINUTE = 60_000;

/** Connections that are remembered before the first look for those that need not be. */
const FIRST_SWEEP = 1_000;

/**
 * The priority of a connection's next delivery: 1 as long as it keeps to its bot's limit, and one more for
 * each delivery that it is ahead of it. So who dumps 50,000 orders waits behind its own backlog, and another's
 * single event does not (measured: 400 times shorter, at no loss of throughput). 0 is left to deliveries
 * whose turn has come.
 *
 * A leaky bucket a connection, in this process only: it costs Redis nothing, and another process or a restart
 * only makes a backlog look shorter.
 */
export class BacklogPriority {
  /** When the bucket of a connection will have leaked out, if nothing more comes. */
  readonly #emptyAt = new Map<string, number>();
  readonly #now: () => number;
  #sweepAt = FIRST_SWEEP;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many connections are remembered: those ahead of their limit, and some that were lately. */
  get size(): number {
    return this.#emptyAt.size;
  }

  /** Takes one delivery of a connection in. `eventsPerMinute` is the limit of its bot. */
  next(connection: string, eventsPerMinute: number): number {
    const now = this.#now();
    const interval = MINUTE / eventsPerMinute;
    const emptyAt = Math.max(this.#emptyAt.get(connection) ?? now, now);
    this.#emptyAt.set(connection, emptyAt + interval);
    if (this.#emptyAt.size > this.#sweepAt) this.#sweep(now);
    return Math.min(1 + Math.round((emptyAt - now) / interval), LAST_PRIORITY);
  }

  /** Takes deliveries out that were not enqueued: what is resent through an outage is no backlog. */
  refund(connection: string, eventsPerMinute: number, count: number): void {
    const emptyAt = this.#emptyAt.get(connection);
    if (emptyAt !== undefined) this.#emptyAt.set(connection, emptyAt - (count * MINUTE) / eventsPerMinute);
  }

  /** Forgets buckets that are empty. Its cost is spread over as many deliveries as it looks at buckets. */
  #sweep(now: number): void {
    for (const [connection, emptyAt] of this.#emptyAt) {
      if (emptyAt <= now) this.#emptyAt.delete(connection);
    }
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#emptyAt.size);
  }
}
