import type { RedisQueueBackend } from 'bullmq';

/** The one queue. Its failed set is the dead-letter queue. */
export const QUEUE_NAME = 'deliveries';

/**
 * Attempts are ended by the retry budget, not by a count, so BullMQ's own limit is out of reach. Together
 * with the strategy's name this lets `settleDelivery` say how long to wait.
 */
export const JOB_OPTIONS = {
  attempts: 1_000_000,
  backoff: { type: 'settled' },
  // Notes of attempts: the schedule has some 20 in a day.
  stackTraceLimit: 50,
} as const;

/** The prefix of a queue's keys; BullMQ tells it only together with the queue's name. */
export function prefixOf({ qualifiedName }: RedisQueueBackend): string {
  return qualifiedName.slice(0, -(QUEUE_NAME.length + 1));
}
