import type { Queue } from 'bullmq';
import { type Enqueued, type EnqueueRequest, enqueueGroup } from './enqueue-group.ts';
import type { ProducerOptions } from './producer.ts';

export type EnqueueResult =
  | { readonly ok: true; readonly enqueued: readonly Enqueued[] }
  /** `why` is for log and metrics: the deliveries may or may not be in the queue. */
  | { readonly ok: false; readonly why: string };

export type EnqueuerOptions = Pick<ProducerOptions, 'deadline' | 'maxPending' | 'maxPendingBytes'> & {
  /** The queue, if Redis can be reached now. */
  readonly queue: () => Queue | undefined;
};

interface Waiting {
  readonly requests: readonly EnqueueRequest[];
  readonly resolve: (result: EnqueueResult) => void;
}

/** Deliveries written at once; larger groups only make Redis' other clients wait. */
const MAX_GROUP = 500;

const NOT_REACHED = 'Redis has not been reached';

/**
 * Enqueues deliveries. Calls of one turn of the event loop are written together, so that they share a round
 * trip and an fsync: timed windows of 1 to 2 ms were no better (measured).
 */
export class Enqueuer {
  readonly #options: EnqueuerOptions;
  #waiting: Waiting[] = [];
  #pending = 0;
  #pendingBytes = 0;

  constructor(options: EnqueuerOptions) {
    this.#options = options;
  }

  /** Resolves when all deliveries are on disk, or cannot be; never rejects, never later than the deadline. */
  enqueue(requests: readonly EnqueueRequest[]): Promise<EnqueueResult> {
    if (!this.#options.queue()) return refuse(NOT_REACHED);
    // What Redis has not answered stays in memory even after its deadline, so it is that which is capped.
    if (this.#pending > this.#options.maxPending || this.#pendingBytes > this.#options.maxPendingBytes) {
      return refuse('too many deliveries on their way to Redis');
    }
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ requests, resolve });
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    let group: Waiting[] = [];
    let size = 0;
    for (const call of waiting) {
      group.push(call);
      size += call.requests.length;
      if (size < MAX_GROUP) continue;
      void this.#write(group);
      group = [];
      size = 0;
    }
    if (group.length > 0) void this.#write(group);
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    const result = await this.#withinDeadline(this.#counted(group.flatMap((call) => call.requests)));
    let offset = 0;
    for (const { requests, resolve } of group) {
      const end = offset + requests.length;
      resolve(result.ok ? { ok: true, enqueued: result.enqueued.slice(offset, end) } : result);
      offset = end;
    }
  }

  /** Writes, and counts as pending until Redis has answered or the connection is gone. */
  async #counted(requests: readonly EnqueueRequest[]): Promise<EnqueueResult> {
    const bytes = requests.reduce((sum, { delivery }) => sum + delivery.body.length, 0);
    this.#pending += requests.length;
    this.#pendingBytes += bytes;
    try {
      const queue = this.#options.queue();
      return queue ? { ok: true, enqueued: await enqueueGroup(queue, requests) } : await refuse(NOT_REACHED);
    } catch (error) {
      return { ok: false, why: error instanceof Error ? error.message : String(error) };
    } finally {
      this.#pending -= requests.length;
      this.#pendingBytes -= bytes;
    }
  }

  async #withinDeadline(writing: Promise<EnqueueResult>): Promise<EnqueueResult> {
    const { deadline } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<EnqueueResult>((resolve) => {
      timer = setTimeout(
        () => resolve({ ok: false, why: `no answer from Redis within ${deadline} ms` }),
        deadline,
      );
    });
    const result = await Promise.race([writing, late]);
    clearTimeout(timer);
    return result;
  }
}

function refuse(why: string): Promise<EnqueueResult> {
  return Promise.resolve({ ok: false, why });
}
