import { openReachableQueue } from '../reachable-queue.ts';
import { eachShard, type ShardedOptions } from '../shards/each-shard.ts';
import { isInAny, readOfAll } from '../shards/read-of-all.ts';
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
      const parts = await readOfAll(all(), (shard) => shard.read());
      return parts && mergeFigures(parts);
    },
    isReplayed: (deliveryId) => isInAny(all(), (shard) => shard.isReplayed(deliveryId)),
    hasWorkers: () => isInAny(all(), (shard) => shard.hasWorkers()),
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
