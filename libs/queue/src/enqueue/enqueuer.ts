import type { Delivery, DeliveryId } from '@sluice/events';
import { JOB_OPTIONS } from '../bullmq/layout.ts';
import type { JobSink } from '../bullmq/open-queue.ts';
import { deduplicationId, storeDelivery } from '../records/delivery.ts';
import type { ProducerOptions } from './producer.ts';

export type EnqueueResult =
  | { readonly ok: true; readonly enqueued: readonly Enqueued[] }
  /** The deliveries may or may not be in the queue. */
  | ({ readonly ok: false } & EnqueueRejection);

export type EnqueuerOptions = Pick<ProducerOptions, 'deadline' | 'maxPending' | 'maxPendingBytes'> & {
  /** The queue, if Redis can be reached now. */
  readonly queue: () => JobSink | undefined;
  /** Why nothing may be enqueued now, if so. */
  readonly refusal: () => EnqueueRejection | undefined;
  readonly countIgnored: (connection: string, by: number) => void;
};

interface Waiting {
  readonly requests: readonly EnqueueRequest[];
  readonly resolve: (result: EnqueueResult) => void;
}

/** Deliveries written at once; larger groups only make Redis' other clients wait. */
const MAX_GROUP = 500;

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
    const refusal = this.#options.refusal();
    if (refusal) return refuse(refusal);
    // What Redis has not answered stays in memory even after its deadline, so it is that which is capped.
    if (this.#pending > this.#options.maxPending || this.#pendingBytes > this.#options.maxPendingBytes) {
      return refuse({ reason: 'congested', why: 'too many deliveries on their way to Redis' });
    }
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ requests, resolve });
    });
  }

  /** Counts what came in and nobody asked for. Written some time later; lost if the process is killed. */
  countIgnored(connection: string, by: number): void {
    this.#options.countIgnored(connection, by);
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
      return queue ? { ok: true, enqueued: await enqueueGroup(queue, requests) } : await refuse(UNREACHABLE);
    } catch (error) {
      return { ok: false, ...toRejection(error) };
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
        () => resolve({ ok: false, reason: 'late', why: `no answer from Redis within ${deadline} ms` }),
        deadline,
      );
    });
    const result = await Promise.race([writing, late]);
    clearTimeout(timer);
    return result;
  }
}

function refuse(refusal: EnqueueRejection): Promise<EnqueueResult> {
  return Promise.resolve({ ok: false, ...refusal });
}

export interface EnqueueRequest {
  readonly delivery: Delivery;
  /** How long a resend counts as a duplicate, in milliseconds. */
  readonly deduplicationWindow: number;
  /** Of two that wait, the one with the lower number goes first; 0, which goes before all, by default. */
  readonly priority?: number;
  /** The W3C traceparent of what stores it, for the attempts to belong to; stored with it, where there is one. */
  readonly trace?: string | undefined;
}

export interface Enqueued {
  /** The delivery that is in the queue: of a duplicate, the one that came first. */
  readonly id: DeliveryId;
  readonly duplicate: boolean;
}

/**
 * Writes deliveries together, in one round trip; resolves when all are on disk.
 *
 * Job and deduplication key are one script, so no crash can leave the one without the other. On an error all
 * may be queued or none. That is harmless, for the sender resends them and those are then duplicates.
 *
 * @throws an Error if they are not stored, or not by as many replicas as the queue waits for
 */
export async function enqueueGroup(queue: JobSink, requests: readonly EnqueueRequest[]): Promise<Enqueued[]> {
  const jobs = await queue.addBulk(
    requests.map(({ delivery, deduplicationWindow, priority = 0, trace }) => ({
      name: delivery.topic,
      data: storeDelivery(delivery),
      opts: {
        ...JOB_OPTIONS,
        jobId: delivery.id,
        timestamp: delivery.receivedAt,
        deduplication: { id: deduplicationId(delivery), ttl: deduplicationWindow },
        ...(priority > 0 && { priority }),
        // For the ledger, which Redis itself keeps: options are short, while a body may have 4 MB.
        connection: delivery.connection,
        ...(trace !== undefined && { trace }),
      },
    })),
  );
  return requests.map(({ delivery }, index) => {
    const id = jobs[index]?.id;
    if (!id) throw new Error('Redis answered an enqueue without an id');
    // A duplicate shows by nothing but another id than ours coming back.
    return { id: id as DeliveryId, duplicate: id !== delivery.id };
  });
}

/**
 * Why deliveries are not enqueued. `away`: Redis cannot be reached. `silent`: it is, and says nothing.
 * `late`: it did not answer in time. `congested`: too much is on its way to it. `memory`, `backlog`: it holds
 * too much. `error`: it refused.
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
  /** In words, safe to log. */
  readonly why: string;
}

export const UNREACHABLE: EnqueueRejection = { reason: 'away', why: 'Redis is not reachable' };

/** What an enqueue failed of: a Redis that is full says OOM, and of the rest only the words matter. */
function toRejection(error: unknown): EnqueueRejection {
  const why = error instanceof Error ? error.message : String(error);
  return { reason: /\bOOM\b/.test(why) ? 'memory' : 'error', why };
}
