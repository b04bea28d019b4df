import type { QueueContext } from '../bullmq/context.ts';
import type { DeliveryBackend } from '../bullmq/delivery-backend.ts';
import { openQueueWorker } from '../bullmq/worker.ts';
import { type Reading, readDelivery } from '../records/delivery.ts';
import type { DeliveryOutcome } from '../records/outcome.ts';
import type { BackgroundLoop } from '../redis/background-task.ts';
import { connectConsumer } from '../redis/connect.ts';
import { finalizeDelivery } from './finalize.ts';
import { Isolation, runIsolated } from './isolation.ts';

/** A delivery that a worker has reserved. */
export interface ReservedJob {
  readonly reading: Reading;
  /** Attempts that ended before this one. Attempts that do not count (paced, held, verifying) are not included. */
  readonly attemptsMade: number;
  /** Proof that the reservation is still this worker's. */
  readonly lock: string;
  /** W3C traceparent that the delivery was enqueued with. */
  readonly trace?: string;
}

export interface ConsumerOptions {
  readonly redisUrl: string;
  /** Prefix of the shard's keys, in braces. */
  readonly prefix: string;
  /** Deliveries that this process works on at once. */
  readonly concurrency: number;
  /** Milliseconds. Must exceed the longest attempt, or two workers process one delivery. */
  readonly lockDuration: number;
  /** Milliseconds between two checks for deliveries whose worker died. */
  readonly stalledInterval: number;
  /** Delivered jobs that stay readable. */
  readonly keepDelivered: number;
  /** Set if the statuses of created events are looked up. */
  readonly statuses?: {
    /** Most delivered jobs that stay readable beyond `keepDelivered` until the status of their event is known. */
    readonly keepAwaiting: number;
  };
  readonly process: (reserved: ReservedJob) => Promise<DeliveryOutcome>;
  /** Creates the background loops that run beside the worker, on its connection. */
  readonly loops?: (context: ConsumerContext) => readonly BackgroundLoop[];
  readonly onError: (error: Error) => void;
}

/** The worker's connection and queue. */
export interface ConsumerContext extends QueueContext {
  readonly backend: DeliveryBackend;
  readonly onError: (error: Error) => void;
}

/** The consuming side of the queue. */
export interface Consumer {
  /** Whether deliveries are being reserved. */
  isRunning(): boolean;
  /** Reserves no more and waits for those in flight. May never resolve while Redis is down, so callers need a deadline. */
  close(): Promise<void>;
}

/** Consumes the deliveries of one shard and finalizes each by the outcome that `process` returns. */
export function consumeDeliveries(options: ConsumerOptions): Consumer {
  const { prefix, lockDuration, onError } = options;
  const redis = connectConsumer({ url: options.redisUrl, name: 'sluice-worker', onError });
  const worker = openQueueWorker({
    connection: redis,
    prefix,
    concurrency: options.concurrency,
    lockDuration,
    stalledInterval: options.stalledInterval,
    keepCompleted: options.keepDelivered + (options.statuses?.keepAwaiting ?? 0),
    awaitStatus: options.statuses !== undefined,
    onError,
    async process(job) {
      let reading: Reading | undefined;
      const outcome = await runIsolated(job, isolation, () => {
        reading = readDelivery(job.id, job.data);
        const { attemptsMade, lock, trace } = job;
        return options.process({ reading, attemptsMade, lock, ...(trace === undefined ? {} : { trace }) });
      });
      return finalizeDelivery({ job, reading, backend: worker.backend }, outcome);
    },
  });
  const { backend, keyPrefix } = worker;
  const isolation = new Isolation({ redis, prefix, keyPrefix, lockDuration });
  const loops = options.loops?.({ redis, base: `${prefix}:`, keyPrefix, backend, onError }) ?? [];
  for (const loop of loops) loop.start();
  return {
    isRunning: worker.isRunning,
    async close() {
      const stopped = loops.map((loop) => loop.stop());
      await worker.close();
      await Promise.all(stopped);
      redis.disconnect();
    },
  };
}
