/** Milliseconds of counting that a kill may lose. The number informs operators; no delivery depends on it. */
const WRITE_AFTER = 1_000;

/** Milliseconds by which it may delay the end of a process. */
const CLOSE_WITHIN = 500;

export interface IgnoredCounterOptions {
  /** Whether Redis can be written to now. */
  readonly isReady: () => boolean;
  /** Writes counts that no delivery carried along. */
  readonly write: (counts: ReadonlyMap<string, number>) => Promise<void>;
}

/**
 * Counts ignored webhooks by connection until the counts are written: together with the next deliveries, or alone if
 * there are none for a second.
 *
 * Best effort: counts are lost if the process is killed before they are written, or if Redis fails meanwhile. Nothing is
 * counted twice. The ledger's equation does not contain them.
 */
export class IgnoredCounter {
  readonly #options: IgnoredCounterOptions;
  #counts = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: IgnoredCounterOptions) {
    this.#options = options;
  }

  count(connection: string, by: number): void {
    this.#counts.set(connection, (this.#counts.get(connection) ?? 0) + by);
    this.#timer ??= this.#arm();
  }

  /** Returns the counts and forgets them: the caller writes them. */
  take(): ReadonlyMap<string, number> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const counts = this.#counts;
    this.#counts = new Map();
    return counts;
  }

  /** Writes the counts, unless Redis is too slow. Never rejects. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_WITHIN);
    });
    await Promise.race([this.#flush(), late]);
    clearTimeout(timer);
  }

  async #flush(): Promise<void> {
    if (!this.#options.isReady()) return;
    const counts = this.take();
    if (counts.size > 0) await this.#options.write(counts).catch(() => {});
  }

  #arm(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = undefined;
      if (this.#options.isReady()) void this.#flush();
      else this.#timer = this.#arm();
    }, WRITE_AFTER).unref();
  }
}
