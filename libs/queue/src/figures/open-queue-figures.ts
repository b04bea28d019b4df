import { openReachableQueue } from '../reachable-queue.ts';
import { eachShard, type ShardedOptions } from '../shards/each-shard.ts';
import { countOpenReplays, type OpenReplays } from './count-replays.ts';
import { hasWorkers } from './has-workers.ts';
import { mergeFigures } from './merge-figures.ts';
import { readOldestUntaken } from './oldest-untaken.ts';
import { type RedisHealth, readRedisHealth } from './redis-health.ts';

/** What metrics tell of the queue besides its counts. */
export interface QueueFigures {
  /** When the delivery that has waited longest to be taken at all was received, in milliseconds since the epoch. */
  readonly oldestUntaken: number | undefined;
  readonly replays: OpenReplays;
  readonly redis: RedisHealth;
}

export interface QueueFiguresReader {
  /** One round trip, whatever the queue's length; undefined if Redis cannot be reached. */
  read(): Promise<QueueFigures | undefined>;
  /** Whether a delivery that is at work was dead and has been put back; undefined if Redis cannot be reached. */
  isReplayed(deliveryId: string): Promise<boolean | undefined>;
  /** Whether any worker is connected; undefined if Redis cannot be reached, or does not let this be asked. */
  hasWorkers(): Promise<boolean | undefined>;
  close(): Promise<void>;
}

/** Opens the queue, in all its shards, for its figures. */
export function openQueueFigures(options: ShardedOptions): QueueFiguresReader {
  const { all, close } = eachShard(options, openOne);
  return {
    read: async () => {
      const parts = await Promise.all(all().map((shard) => shard.read()));
      const known = parts.filter((part) => part !== undefined);
      // What a part of the shards have would be taken for all.
      return known.length === parts.length ? mergeFigures(known) : undefined;
    },
    isReplayed: async (deliveryId) => {
      const told = await Promise.all(all().map((shard) => shard.isReplayed(deliveryId)));
      return told.includes(true) || (told.includes(undefined) ? undefined : false);
    },
    hasWorkers: async () => {
      const told = await Promise.all(all().map((shard) => shard.hasWorkers()));
      return told.includes(true) || (told.includes(undefined) ? undefined : false);
    },
    close,
  };
}

function openOne(options: ShardedOptions) {
  const { get, redis, reached, close } = openReachableQueue(options);
  return {
    reached,
    close,
    async read(): Promise<QueueFigures | undefined> {
      const queue = get();
      if (!queue) return undefined;
      const [oldestUntaken, replays, health] = await Promise.all([
        readOldestUntaken(redis, queue.toKey('')),
        countOpenReplays(redis, `${options.prefix}:`),
        readRedisHealth(redis, queue.toKey('meta')),
      ]);
      return { oldestUntaken, replays, redis: health };
    },
    async isReplayed(deliveryId: string): Promise<boolean | undefined> {
      const queue = get();
      return queue && (await redis.hexists(queue.toKey(deliveryId), 'sl:replay')) === 1;
    },
    async hasWorkers(): Promise<boolean | undefined> {
      return get() && hasWorkers(redis).catch(() => undefined);
    },
  };
}
