import type { TransitionContext } from '../bullmq/context.ts';
import type { DeliveryBackend } from '../bullmq/delivery-backend.ts';
import { type DeliveryQueue, type DeliveryQueueOptions, openDeliveryQueue } from '../bullmq/open-queue.ts';
import type { RedisConnection } from '../redis/connect.ts';

/**
 * One shard of the queue, opened once per process. Everything in the process that reads or operates shares its
 * connection, on which a command fails at once while Redis is down.
 */
export interface Shard {
  /** Prefix of the shard's keys, in braces. */
  readonly prefix: string;
  readonly redis: RedisConnection;
  /** Resolves when Redis has been reached for the first time; never rejects. */
  readonly reached: Promise<void>;
  /** Returns where the shard's deliveries are, or `undefined` while Redis cannot be reached. */
  context(): ShardContext | undefined;
  /** Returns the same; throws RedisNotReachedError while Redis cannot be reached. */
  contextOrThrow(): ShardContext;
  /** Counts ignored webhooks of a connection. Written within about a second, together with other writes. */
  countIgnored(connection: string, by: number): void;
  close(): Promise<void>;
}

/** Where the deliveries of a shard are, with what reads and moves them. */
export interface ShardContext extends TransitionContext {
  readonly queue: DeliveryQueue;
  readonly backend: DeliveryBackend;
}

export type ShardOptions = DeliveryQueueOptions;

/** Opens a shard and returns at once. */
export function openShard(options: ShardOptions): Shard {
  const { prefix } = options;
  const { redis, reached, get, getOrThrow, countIgnored, close } = openDeliveryQueue(options);
  const toContext = (queue: DeliveryQueue): ShardContext => ({
    queue,
    redis,
    base: `${prefix}:`,
    keyPrefix: queue.toKey(''),
    backend: queue.getBackend(),
    now: Date.now,
  });
  return {
    prefix,
    redis,
    reached,
    context: () => {
      const queue = get();
      return queue && toContext(queue);
    },
    contextOrThrow: () => toContext(getOrThrow()),
    countIgnored,
    close,
  };
}
