import { Queue } from 'bullmq';
import { type LedgerBackend, type LedgerBackendOptions, ledgerBackend } from './backend.ts';
import { QUEUE_NAME } from './layout.ts';
import { IgnoredTally } from './ignored-counter.ts';
import type { StoredDelivery } from '../records/delivery.ts';
import { connectProducer, type RedisConnection, type RedisConnectionOptions } from '../redis/connect.ts';

export interface ReachableQueueOptions
  extends RedisConnectionOptions,
    Pick<LedgerBackendOptions, 'waitReplicas' | 'waitTimeout'> {
  readonly prefix: string;
}

/** The queue, with the ledger kept by whatever is done to it. */
export type DeliveryQueue = Queue<
  StoredDelivery,
  unknown,
  string,
  StoredDelivery,
  unknown,
  string,
  LedgerBackend
>;

export interface ReachableQueue {
  /** The queue, if Redis can be reached now. */
  get(): DeliveryQueue | undefined;
  /** The same for who can do nothing without; throws an Error if it cannot be reached. */
  getOrThrow(): DeliveryQueue;
  /** Resolves when Redis has been reached for the first time; never rejects. */
  readonly reached: Promise<void>;
  /** The connection that it uses, for commands that BullMQ does not have. */
  readonly redis: RedisConnection;
  /** Counts webhooks that were ignored; it costs next to nothing, and is written within a second or so. */
  countIgnored(connection: string, by: number): void;
  close(): Promise<void>;
}

/** Events that BullMQ's stream keeps. Nothing reads it for correctness; the default of 10,000 costs 2 MB. */
const EVENTS_KEPT = 500;

/**
 * Opens the queue and returns at once: what is asked of a Redis that is down fails, and does not wait.
 * BullMQ's queue is made only on a live connection, for one that starts without hangs for ever (measured).
 */
export function openReachableQueue(options: ReachableQueueOptions): ReachableQueue {
  const redis = connectProducer(options);
  let queue: DeliveryQueue | undefined;
  const get = () => (redis.status === 'ready' ? queue : undefined);
  const ignored = new IgnoredTally({
    isReady: () => get() !== undefined,
    write: async (counts) => get()?.getBackend().countIgnored(counts),
  });
  const reached = new Promise<void>((resolve) => {
    redis.on('ready', () => {
      if (queue) return;
      openQueue(redis, options, ignored).then((opened) => {
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
      if (!opened) throw new Error('Redis has not been reached');
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

async function openQueue(
  redis: RedisConnection,
  { prefix, onError, waitReplicas = 0, waitTimeout = 0 }: ReachableQueueOptions,
  ignored: IgnoredTally,
): Promise<DeliveryQueue> {
  const queue: DeliveryQueue = new Queue(
    QUEUE_NAME,
    { connection: redis, prefix, streams: { events: { maxLen: EVENTS_KEPT } } },
    ledgerBackend({ waitReplicas, waitTimeout, ignored }),
  );
  queue.on('error', onError);
  await queue.waitUntilReady();
  return queue;
}
