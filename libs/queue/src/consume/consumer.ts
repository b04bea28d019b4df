import { type Job, Worker } from 'bullmq';
import { deliveryBackend } from '../bullmq/backend.ts';
import type { QueueContext } from '../bullmq/context.ts';
import type { DeliveryBackend } from '../bullmq/delivery-backend.ts';
import { QUEUE_NAME } from '../bullmq/layout.ts';
import { type Reading, readDelivery } from '../records/delivery.ts';
import type { DeliveryOutcome } from '../records/outcome.ts';
import type { BackgroundLoop } from '../redis/background-task.ts';
import { connectConsumer } from '../redis/connect.ts';
import { backoffDelay, finalizeDelivery } from './finalize.ts';
import { Isolation, runIsolated } from './isolation.ts';

/** One taking of a delivery out of the queue. */
export interface ReservedJob {
  readonly reading: Reading;
  /** Attempts that ended before this one; those that did not count (paced, held, settling) are not in it. */
  readonly attemptsMade: number;
  /** What proves that the delivery is still this worker's. */
  readonly lock: string;
  /** The W3C traceparent that it was enqueued with. */
  readonly trace?: string;
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
  readonly process: (taken: ReservedJob) => Promise<DeliveryOutcome>;
  /** Creates the background loops that run beside the worker, on its connection. */
  readonly loops?: (context: ConsumerContext) => readonly BackgroundLoop[];
  readonly onError: (error: Error) => void;
}

/** The worker's connection and queue. */
export interface ConsumerContext extends QueueContext {
  readonly backend: DeliveryBackend;
  readonly onError: (error: Error) => void;
}

/** The side of the queue that the worker holds. */
export interface Consumer {
  /** Whether deliveries are being taken. */
  isRunning(): boolean;
  /** Takes no more and waits for those in flight. With Redis away it may never end: bound it. */
  close(): Promise<void>;
}

/**
 * BullMQ's own count of crashes, which does not tell a delivery that kills its process from its neighbours;
 * `workAlone` does, after 5. This one is out of the way, for what it alone could see.
 */
const MAX_STALLS = 100;

/**
 * Starts taking deliveries out of one shard of the queue and finalizes each by the outcome that `process` returns.
 */
export function consumeDeliveries(options: ConsumerOptions): Consumer {
  const { prefix, lockDuration } = options;
  const connection = connectConsumer({
    url: options.redisUrl,
    name: 'sluice-worker',
    onError: options.onError,
  });
  const worker: Worker<unknown, unknown, string, DeliveryBackend> = new Worker(
    QUEUE_NAME,
    async (job: Job, lock = '') => {
      let reading: Reading | undefined;
      const outcome = await runIsolated({ job, lock, solitary }, () => {
        reading = readDelivery(job.id ?? '', job.data);
        const { trace } = job.opts as { readonly trace?: string };
        const taken = { reading, attemptsMade: job.attemptsMade, lock };
        return options.process(trace === undefined ? taken : { ...taken, trace });
      });
      return finalizeDelivery({ job, reading, lock, backend: worker.getBackend() }, outcome);
    },
    {
      connection,
      prefix,
      concurrency: options.concurrency,
      lockDuration,
      stalledInterval: options.stalledInterval,
      maxStalledCount: MAX_STALLS,
      removeOnComplete: { count: options.keepDelivered },
      settings: { backoffStrategy: backoffDelay },
    },
    deliveryBackend(),
  );
  const solitary = new Isolation({ redis: connection, prefix, toKey: worker.toKey, lockDuration });
  worker.on('error', options.onError);
  const loops =
    options.loops?.({
      redis: connection,
      base: `${prefix}:`,
      keyPrefix: worker.toKey(''),
      backend: worker.getBackend(),
      onError: options.onError,
    }) ?? [];
  for (const loop of loops) loop.start();
  return {
    isRunning: () => worker.isRunning() && connection.status === 'ready',
    async close() {
      const stopped = loops.map((loop) => loop.stop());
      await worker.close();
      await Promise.all(stopped);
      connection.disconnect();
    },
  };
}
