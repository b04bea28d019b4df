import { type Job, Worker } from 'bullmq';
import { connectConsumer } from './connect-redis.ts';
import { type Reading, readDelivery } from './delivery-job.ts';
import type { DeliveryOutcome } from './delivery-outcome.ts';
import { QUEUE_NAME } from './queue-settings.ts';
import { settleDelivery, waitAsSettled } from './settle-delivery.ts';

/** One taking of a delivery out of the queue. */
export interface Taken {
  readonly reading: Reading;
  /** Attempts that ended before this one; those that did not count (paced, held) are not in it. */
  readonly attemptsMade: number;
}

export interface ConsumerOptions {
  readonly redisUrl: string;
  readonly prefix: string;
  /** Deliveries that this process works on at once. */
  readonly concurrency: number;
  /** Milliseconds; must be longer than the longest attempt, or a delivery is worked on twice. */
  readonly lockDuration: number;
  /** Milliseconds between two looks for deliveries whose worker died. */
  readonly stalledInterval: number;
  /** Delivered jobs that stay readable. */
  readonly keepDelivered: number;
  readonly process: (taken: Taken) => Promise<DeliveryOutcome>;
  readonly onError: (error: Error) => void;
}

/** The side of the queue that the worker holds. */
export interface Consumer {
  /** Whether deliveries are being taken. */
  isRunning(): boolean;
  /** Takes no more and waits for those in flight. With Redis away it may never end: bound it. */
  close(): Promise<void>;
}

/** A stall costs a delivery nothing but time; this many mean that it kills its process. */
const MAX_STALLS = 10;

/** Starts taking deliveries out of the queue and settles each by the outcome that `process` gives. */
export function consumeDeliveries(options: ConsumerOptions): Consumer {
  const connection = connectConsumer({
    url: options.redisUrl,
    name: 'sluice-worker',
    onError: options.onError,
  });
  const worker = new Worker(
    QUEUE_NAME,
    async (job: Job, token = '') => {
      const reading = readDelivery(job.id ?? '', job.data);
      return settleDelivery(job, token, await options.process({ reading, attemptsMade: job.attemptsMade }));
    },
    {
      connection,
      prefix: options.prefix,
      concurrency: options.concurrency,
      lockDuration: options.lockDuration,
      stalledInterval: options.stalledInterval,
      maxStalledCount: MAX_STALLS,
      removeOnComplete: { count: options.keepDelivered },
      settings: { backoffStrategy: waitAsSettled },
    },
  );
  worker.on('error', options.onError);
  return {
    isRunning: () => worker.isRunning() && connection.status === 'ready',
    async close() {
      await worker.close();
      connection.disconnect();
    },
  };
}
