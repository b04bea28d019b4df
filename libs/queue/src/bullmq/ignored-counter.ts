/** Milliseconds. What a kill may cost: the figure is for operators, and there is nothing to be delivered. */
const WRITE_AFTER = 1_000;

/** Milliseconds that the end of a process may be put off for it. */
const CLOSE_WITHIN = 500;

export interface IgnoredCounterOptions {
  /** Whether something can be written now. */
  readonly isReady: () => boolean;
  /** Writes by itself what found nothing to go with. */
  readonly write: (counts: ReadonlyMap<string, number>) => Promise<void>;
}

/**
 * How many webhooks were ignored, by connection, until that is written: along with the next deliveries that
 * are, or by itself when there are none for a second.
 *
 * Best effort. What was not written when the process is killed, or was on its way when Redis went away, is
 * not counted; nothing is counted twice. It is no part of the equation.
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

  /** Takes what there is, which is then the taker's to write. */
  take(): ReadonlyMap<string, number> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const counts = this.#counts;
    this.#counts = new Map();
    return counts;
  }

  /** Writes what there is, unless Redis keeps it waiting; never rejects. */
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
