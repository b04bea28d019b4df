import { type BulkJobOptions, Queue } from 'bullmq';
import type { StoredDelivery } from '../records/delivery.ts';
import {
  connectProducer,
  type RedisConnection,
  type RedisConnectionOptions,
  RedisNotReachedError,
} from '../redis/connect.ts';
import { type DeliveryBackendOptions, deliveryBackend } from './backend.ts';
import type { DeliveryBackend } from './delivery-backend.ts';
import { IgnoredCounter } from './ignored-counter.ts';
import { QUEUE_NAME } from './layout.ts';

export interface DeliveryQueueOptions
  extends RedisConnectionOptions,
    Pick<DeliveryBackendOptions, 'waitReplicas' | 'waitTimeout'> {
  readonly prefix: string;
}

/** The queue. Every operation on it keeps the ledger. */
export type DeliveryQueue = Queue<
  StoredDelivery,
  unknown,
  string,
  StoredDelivery,
  unknown,
  string,
  DeliveryBackend
>;

/** A job of the queue. */
export type DeliveryJob = NonNullable<Awaited<ReturnType<DeliveryQueue['getJob']>>>;

/** The queue for tools that are written for BullMQ. Operations that do not keep the ledger are refused. */
export type RawQueue = Queue;

/** Casts the queue for BullMQ's tools, which declare its default backend but use only members of every backend. */
export function toRawQueue(queue: DeliveryQueue): RawQueue {
  return queue as unknown as RawQueue;
}

/** The part of a queue that enqueueing uses, with any backend. */
export interface JobSink {
  addBulk(
    jobs: { name: string; data: StoredDelivery; opts: BulkJobOptions }[],
  ): Promise<readonly { readonly id?: string | undefined }[]>;
}

export interface DeliveryQueueHandle {
  /** Returns the queue, or undefined while Redis is unreachable. */
  get(): DeliveryQueue | undefined;
  /** Returns the queue. Throws RedisNotReachedError while Redis is unreachable. */
  getOrThrow(): DeliveryQueue;
  /** Resolves when Redis is reached for the first time. Never rejects. */
  readonly reached: Promise<void>;
  /** The queue's connection, for commands that BullMQ does not have. */
  readonly redis: RedisConnection;
  /** Counts ignored webhooks. The number is written within about a second, together with other writes. */
  countIgnored(connection: string, by: number): void;
  close(): Promise<void>;
}

/** Length of BullMQ's event stream. Nothing reads it for correctness; the default of 10,000 costs 2 MB. */
const EVENTS_KEPT = 500;

/**
 * Opens the queue and returns at once. Operations fail while Redis is down; they do not wait. BullMQ's queue is created
 * on a live connection only, because without one it hangs forever (measured).
 */
export function openDeliveryQueue(options: DeliveryQueueOptions): DeliveryQueueHandle {
  const redis = connectProducer(options);
  let queue: DeliveryQueue | undefined;
  const get = () => (redis.status === 'ready' ? queue : undefined);
  const ignored = new IgnoredCounter({
    isReady: () => get() !== undefined,
    write: async (counts) => get()?.getBackend().countIgnored(counts),
  });
  const reached = new Promise<void>((resolve) => {
    redis.on('ready', () => {
      if (queue) return;
      createQueue(redis, options, ignored).then((opened) => {
        queue = opened;
        resolve();
      }, options.onError);
    });
  });
  return {
    reached,
    get,
    getOrThrow: () => {
      const opened = get();
      if (!opened) throw new RedisNotReachedError();
      return opened;
    },
    redis,
    countIgnored: (connection, by) => ignored.count(connection, by),
    async close() {
      await ignored.close();
      redis.disconnect();
      await queue?.close().catch(options.onError);
    },
  };
}

async function createQueue(
  redis: RedisConnection,
  { prefix, onError, waitReplicas = 0, waitTimeout = 0 }: DeliveryQueueOptions,
  ignored: IgnoredCounter,
): Promise<DeliveryQueue> {
  const queue: DeliveryQueue = new Queue(
    QUEUE_NAME,
    { connection: redis, prefix, streams: { events: { maxLen: EVENTS_KEPT } } },
    deliveryBackend({ waitReplicas, waitTimeout, ignored }),
  );
  queue.on('error', onError);
  await queue.waitUntilReady();
  return queue;
}
