import type { RedisLoad } from '../bullmq/queue-load.ts';

/**
 * Why deliveries are not enqueued. `away`: Redis is not reachable. `silent`: Redis does not respond. `late`: Redis did
 * not respond within the deadline. `congested`: too many deliveries are on their way to Redis. `memory`, `backlog`: Redis
 * holds too much. `error`: Redis returned an error.
 */
export type EnqueueRejectionReason =
  | 'away'
  | 'silent'
  | 'late'
  | 'congested'
  | 'memory'
  | 'backlog'
  | 'error';

export interface EnqueueRejection {
  /** From a closed list, for metrics. */
  readonly reason: EnqueueRejectionReason;
  /** For people; safe to log. */
  readonly why: string;
}

export const UNREACHABLE: EnqueueRejection = { reason: 'away', why: 'Redis is not reachable' };

export interface LoadMonitorOptions extends Watermarks {
  /** Reads the load; `undefined` while Redis cannot be reached. */
  readonly read: () => Promise<RedisLoad> | undefined;
  readonly isReachable: () => boolean;
  /** Milliseconds after which a Redis that does not respond counts as silent. */
  readonly deadline: number;
  /** Called within about a second when rejection starts, when its reason changes, and when it ends. */
  readonly onChange: (refusal: EnqueueRejection | undefined) => void;
}

/** Milliseconds between two reads. */
const INTERVAL = 1_000;

/**
 * Reads every second how much Redis holds, and decides whether more may be enqueued.
 *
 * A Redis that does not respond to a read is silent: enqueues would only fail at their deadline, and fill memory until
 * then. At most one read is in flight, so its late response shows at once that Redis is back.
 */
export class LoadMonitor {
  readonly #options: LoadMonitorOptions;
  readonly #marks: EdgeWatermarks;
  readonly #timer: NodeJS.Timeout;
  #isReading = false;
  #silent: EnqueueRejection | undefined;
  #shedding: EnqueueRejection | undefined;
  #notified: EnqueueRejection | undefined;
  #load: RedisLoad | undefined;

  constructor(options: LoadMonitorOptions) {
    this.#options = options;
    this.#marks = new EdgeWatermarks(options);
    // The monitor alone must not keep the process alive.
    this.#timer = setInterval(() => void this.check(), INTERVAL).unref();
  }

  /** Why nothing should be enqueued now, if so. */
  get refusal(): EnqueueRejection | undefined {
    return this.#options.isReachable() ? (this.#silent ?? this.#shedding) : UNREACHABLE;
  }

  /** The load last read, if any. */
  get load(): RedisLoad | undefined {
    return this.#load;
  }

  /** Reads now unless a read is in flight. Resolves when Redis has responded or cannot; never rejects. */
  async check(): Promise<void> {
    if (this.#isReading) return;
    const reading = this.#options.read();
    if (!reading) return this.#notify();
    this.#isReading = true;
    const stop = this.#afterDeadline(() => this.#isSilent());
    try {
      this.#load = await reading;
      this.#shedding = this.#marks.update(this.#load);
    } catch {
      // The connection broke. The last known load remains.
    }
    stop();
    this.#isReading = false;
    this.#silent = undefined;
    this.#notify();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #isSilent(): void {
    this.#silent = { reason: 'silent', why: 'Redis does not respond' };
    this.#notify();
  }

  #notify(): void {
    const { refusal } = this;
    if (refusal?.reason === this.#notified?.reason) return;
    this.#notified = refusal;
    this.#options.onChange(refusal);
  }

  /** Not exactly at the deadline: after a busy second the response may have arrived but not been read yet. */
  #afterDeadline(late: () => void): () => void {
    let isOver = false;
    const timer = setTimeout(() => setImmediate(() => isOver || late()), this.#options.deadline).unref();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }
}

export interface Watermarks {
  /** Percentage of Redis' maxmemory. */
  readonly memoryPercent: number;
  /** Deliveries that have not ended. */
  readonly maxBacklog: number;
}

/** Share of a watermark at which rejection ends. Without it, rejection would start and end with every delivery. */
const RESUME = 0.95;

/**
 * Decides whether a Redis with a given load accepts more: not above a watermark, and again below 95 % of it. Redis itself
 * refuses only when it is full, and then the worker's writes as well.
 */
export class EdgeWatermarks {
  readonly #marks: Watermarks;
  readonly #above = { memory: false, backlog: false };

  constructor(marks: Watermarks) {
    this.#marks = marks;
  }

  /** Records the newest load and returns why nothing may be enqueued, if so. */
  update({ memoryRatio, backlog }: RedisLoad): EnqueueRejection | undefined {
    const { memoryPercent, maxBacklog } = this.#marks;
    const percent = 100 * memoryRatio;
    this.#above.memory = isAbove(percent, memoryPercent, this.#above.memory);
    this.#above.backlog = isAbove(backlog, maxBacklog, this.#above.backlog);
    if (this.#above.memory) {
      return { reason: 'memory', why: `Redis uses ${Math.round(percent)} % of its maxmemory` };
    }
    return this.#above.backlog ? { reason: 'backlog', why: `${backlog} deliveries wait` } : undefined;
  }
}

function isAbove(value: number, mark: number, wasAbove: boolean): boolean {
  return value > (wasAbove ? RESUME * mark : mark);
}
