import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { connectProducer, type RedisConnectionOptions } from './connect-redis.ts';
import { QUEUE_NAME } from './queue-settings.ts';

export interface ReachableQueue {
  /** The queue, if Redis can be reached now. */
  get(): Queue | undefined;
  /** Resolves when Redis has been reached for the first time; never rejects. */
  readonly reached: Promise<void>;
  /** The connection that it uses, for commands that BullMQ does not have. */
  readonly redis: Redis;
  close(): Promise<void>;
}

/** Events that BullMQ's stream keeps. Nothing reads it for correctness; the default of 10,000 costs 2 MB. */
const EVENTS_KEPT = 500;

/**
 * Opens the queue and returns at once: what is asked of a Redis that is down fails, and does not wait.
 * BullMQ's queue is made only on a live connection, for one that starts without hangs for ever (measured).
 */
export function openReachableQueue(
  options: RedisConnectionOptions & { readonly prefix: string },
): ReachableQueue {
  const redis = connectProducer(options);
  let queue: Queue | undefined;
  const reached = new Promise<void>((resolve) => {
    redis.on('ready', () => {
      if (queue) return;
      openQueue(redis, options).then((opened) => {
        queue = opened;
        resolve();
      }, options.onError);
    });
  });
  return {
    reached,
    get: () => (redis.status === 'ready' ? queue : undefined),
    redis,
    async close() {
      redis.disconnect();
      await queue?.close().catch(options.onError);
    },
  };
}

async function openQueue(
  redis: Redis,
  { prefix, onError }: RedisConnectionOptions & { readonly prefix: string },
): Promise<Queue> {
  const queue = new Queue(QUEUE_NAME, {
    connection: redis,
    prefix,
    streams: { events: { maxLen: EVENTS_KEPT } },
  });
  queue.on('error', onError);
  await queue.waitUntilReady();
  return queue;
}
