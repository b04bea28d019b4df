import type { Delivery, DeliveryId } from '@sluice/events';
import type { Queue } from 'bullmq';
import { deduplicationId } from './deduplication-id.ts';
import { storeDelivery } from './delivery-job.ts';
import { JOB_OPTIONS } from './queue-settings.ts';

export interface EnqueueRequest {
  readonly delivery: Delivery;
  /** How long a resend counts as a duplicate, in milliseconds. */
  readonly deduplicationWindow: number;
}

export interface Enqueued {
  /** The delivery that is in the queue: of a duplicate, the one that came first. */
  readonly id: DeliveryId;
  readonly duplicate: boolean;
}

/**
 * Writes deliveries together, in one round trip; resolves when all are on disk.
 *
 * Job and deduplication key are one script, so no crash can leave the one without the other. The members
 * are not one transaction: on an error some may be queued. That is harmless, for the sender resends them
 * all and those are then duplicates.
 */
export async function enqueueGroup(queue: Queue, requests: readonly EnqueueRequest[]): Promise<Enqueued[]> {
  const jobs = await queue.addBulk(
    requests.map(({ delivery, deduplicationWindow }) => ({
      name: delivery.topic,
      data: storeDelivery(delivery),
      opts: {
        ...JOB_OPTIONS,
        jobId: delivery.id,
        timestamp: delivery.receivedAt,
        deduplication: { id: deduplicationId(delivery), ttl: deduplicationWindow },
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
