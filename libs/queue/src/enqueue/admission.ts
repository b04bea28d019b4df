import type { RedisLoad } from '../bullmq/queue-load.ts';
import { type EnqueueRejection, UNREACHABLE } from './enqueuer.ts';

export interface LoadMonitorOptions extends Watermarks {
  /** Asks Redis; undefined if it cannot be reached now. */
  readonly read: () => Promise<RedisLoad> | undefined;
  readonly isReachable: () => boolean;
  /** Milliseconds until a Redis that does not answer counts as silent. */
  readonly deadline: number;
  /** Told when refusing begins, when its reason changes, and when it ends; each within a second or so. */
  readonly onChange: (refusal: EnqueueRejection | undefined) => void;
}

/** Milliseconds between two looks. */
const EVERY = 1_000;

/**
 * Looks every second how much Redis holds, and says whether more may be enqueued.
 *
 * A Redis that owes the answer of a look is silent: what is enqueued then would wait for its deadline only to
 * be refused, and fill memory meanwhile. Never are there two looks under way, and the late answer of the one
 * that is tells at once that Redis is back.
 */
export class LoadMonitor {
  readonly #options: LoadMonitorOptions;
  readonly #marks: EdgeWatermarks;
  readonly #timer: NodeJS.Timeout;
  #isLooking = false;
  #silent: EnqueueRejection | undefined;
  #shedding: EnqueueRejection | undefined;
  #told: EnqueueRejection | undefined;
  #load: RedisLoad | undefined;

  constructor(options: LoadMonitorOptions) {
    this.#options = options;
    this.#marks = new EdgeWatermarks(options);
    // Watching alone must not keep a process alive.
    this.#timer = setInterval(() => void this.look(), EVERY).unref();
  }

  /** Why nothing should be enqueued now, if so. */
  get refusal(): EnqueueRejection | undefined {
    return this.#options.isReachable() ? (this.#silent ?? this.#shedding) : UNREACHABLE;
  }

  /** What was seen last, if anything. */
  get load(): RedisLoad | undefined {
    return this.#load;
  }

  /** Looks now, unless a look is under way. Resolves when Redis has answered or cannot; never rejects. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    const reading = this.#options.read();
    if (!reading) return this.#tell();
    this.#isLooking = true;
    const stop = this.#afterDeadline(() => this.#isSilent());
    try {
      this.#load = await reading;
      this.#shedding = this.#marks.note(this.#load);
    } catch {
      // The connection broke. How much Redis holds is as it was, as far as anybody knows.
    }
    stop();
    this.#isLooking = false;
    this.#silent = undefined;
    this.#tell();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #isSilent(): void {
    this.#silent = { reason: 'silent', why: 'Redis does not answer' };
    this.#tell();
  }

  #tell(): void {
    const { refusal } = this;
    if (refusal?.reason === this.#told?.reason) return;
    this.#told = refusal;
    this.#options.onChange(refusal);
  }

  /** Not right at the deadline: after a busy second the answer may be there, and have yet to be read. */
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
  /** Of Redis' maxmemory. */
  readonly memoryPercent: number;
  /** Deliveries that have not ended. */
  readonly maxBacklog: number;
}

/** Of a mark: where it ends that was begun above it. Else it would end and begin with every delivery. */
const RESUME = 0.95;

/**
 * Says whether more may be enqueued into a Redis that holds so much: no from above a mark on, and yes again
 * from below 95 % of it. Redis itself refuses only when it is full, and then the worker's writes as well.
 */
export class EdgeWatermarks {
  readonly #marks: Watermarks;
  readonly #above = { memory: false, backlog: false };

  constructor(marks: Watermarks) {
    this.#marks = marks;
  }

  /** Takes note of the newest load; returns why nothing may be enqueued, if so. */
  note({ memoryRatio, backlog }: RedisLoad): EnqueueRejection | undefined {
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
