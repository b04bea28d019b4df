import type { Delivery, DeliveryId } from '@sluice/events';
import type { Queue } from 'bullmq';
import { deduplicationId } from './deduplication-id.ts';
import { storeDelivery } from './delivery-job.ts';
import { JOB_OPTIONS } from './queue-settings.ts';

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
export async function enqueueGroup(queue: Queue, requests: readonly EnqueueRequest[]): Promise<Enqueued[]> {
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
