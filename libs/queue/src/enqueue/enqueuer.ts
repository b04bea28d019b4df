import type { Delivery, DeliveryId } from '@sluice/events';
import { JOB_OPTIONS } from '../bullmq/layout.ts';
import type { JobSink } from '../bullmq/open-queue.ts';
import { deduplicationId, storeDelivery } from '../records/delivery.ts';
import { type EnqueueRejection, UNREACHABLE } from './admission.ts';

export type EnqueueResult =
  | { readonly ok: true; readonly enqueued: readonly Enqueued[] }
  /** Whether the deliveries are in the queue is unknown. */
  | ({ readonly ok: false } & EnqueueRejection);

export interface EnqueuerOptions {
  /** Milliseconds after which an enqueue fails. */
  readonly deadline: number;
  /** Deliveries and bytes that may be on their way to Redis; more are rejected at once. */
  readonly maxPending: number;
  readonly maxPendingBytes: number;
  /** Returns the queue, or `undefined` while Redis cannot be reached. */
  readonly queue: () => JobSink | undefined;
  /** Returns why nothing may be enqueued now, if so. */
  readonly refusal: () => EnqueueRejection | undefined;
  readonly countIgnored: (connection: string, by: number) => void;
}

interface Waiting {
  readonly requests: readonly EnqueueRequest[];
  readonly resolve: (result: EnqueueResult) => void;
}

/** Deliveries per write. Larger groups only delay Redis' other clients. */
const MAX_GROUP = 500;

/**
 * Enqueues deliveries. Calls in the same tick of the event loop are written together, so that they share a round trip
 * and an fsync. Timed windows of 1 to 2 ms were no better (measured).
 */
export class Enqueuer {
  readonly #options: EnqueuerOptions;
  #waiting: Waiting[] = [];
  #pending = 0;
  #pendingBytes = 0;

  constructor(options: EnqueuerOptions) {
    this.#options = options;
  }

  /** Resolves when all deliveries are on disk or cannot be, within the deadline; never rejects. */
  enqueue(requests: readonly EnqueueRequest[]): Promise<EnqueueResult> {
    const refusal = this.#options.refusal();
    if (refusal) return refuse(refusal);
    // Deliveries that Redis has not acknowledged stay in memory even after the deadline, so these are limited.
    if (this.#pending > this.#options.maxPending || this.#pendingBytes > this.#options.maxPendingBytes) {
      return refuse({ reason: 'congested', why: 'too many deliveries on their way to Redis' });
    }
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ requests, resolve });
    });
  }

  /** Counts ignored webhooks. Written later; lost if the process is killed. */
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

  /** Writes. The deliveries are pending until Redis has responded or the connection is gone. */
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
  /** Milliseconds for which a resend counts as a duplicate. */
  readonly deduplicationWindow: number;
  /** The delivery with the lower number goes first; 0, the default, goes before all others. */
  readonly priority?: number;
  /** W3C traceparent of the request that stores the delivery; stored with it as the parent of its attempts. */
  readonly trace?: string | undefined;
}

export interface Enqueued {
  /** The delivery in the queue; for a duplicate, the one that came first. */
  readonly id: DeliveryId;
  readonly duplicate: boolean;
}

/**
 * Writes deliveries together in one round trip. Resolves when all are on disk.
 *
 * One script writes the job and its deduplication key, so no crash leaves one without the other. After an error either
 * all deliveries are queued or none. Both are harmless: the sender resends them, and stored ones are then duplicates.
 *
 * @throws an Error if they are not stored, or stored on too few replicas
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
        // Redis reads it for the ledger: the options are short, while a body can have 8 MB.
        connection: delivery.connection,
        ...(trace !== undefined && { trace }),
      },
    })),
  );
  return requests.map(({ delivery }, index) => {
    const id = jobs[index]?.id;
    if (!id) throw new Error('Redis returned no id for an enqueued delivery.');
    // Only the returned id, which differs from ours, indicates a duplicate.
    return { id: id as DeliveryId, duplicate: id !== delivery.id };
  });
}

/** Maps an error to a rejection. A Redis out of memory reports OOM; other errors differ only in their message. */
function toRejection(error: unknown): EnqueueRejection {
  const why = error instanceof Error ? error.message : String(error);
  return { reason: /\bOOM\b/.test(why) ? 'memory' : 'error', why };
}
