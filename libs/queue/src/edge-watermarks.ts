import type { RedisLoad } from './redis-load.ts';
import type { Refusal } from './refusal.ts';

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
  note({ memoryRatio, backlog }: RedisLoad): Refusal | undefined {
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
