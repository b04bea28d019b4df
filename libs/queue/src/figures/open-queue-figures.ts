import { openReachableQueue } from '../reachable-queue.ts';
import { eachShard, type ShardedOptions } from '../shards/each-shard.ts';
import { isInAny, readOfAll } from '../shards/read-of-all.ts';
import { countOpenReplays, type OpenReplays } from './count-replays.ts';
import { hasWorkers } from './has-workers.ts';
import { mergeFigures } from './merge-figures.ts';
import { type NewestDelivered, readNewestDelivered } from './newest-delivered.ts';
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
  /** Of those delivered last and still kept, when they came and went; undefined if Redis cannot be reached. */
  readNewest(): Promise<readonly NewestDelivered[] | undefined>;
  /** How many are dead that died since then, in milliseconds since the epoch; undefined if Redis cannot be reached. */
  countDeadSince(since: number): Promise<number | undefined>;
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
    readNewest: async () => (await readOfAll(all(), (shard) => shard.readNewest()))?.flat(),
    countDeadSince: async (since) => {
      const counts = await readOfAll(all(), (shard) => shard.countDeadSince(since));
      return counts?.reduce((sum, count) => sum + count, 0);
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
    async readNewest(): Promise<readonly NewestDelivered[] | undefined> {
      const queue = get();
      return queue && readNewestDelivered(redis, queue.toKey(''));
    },
    async countDeadSince(since: number): Promise<number | undefined> {
      const queue = get();
      return queue && redis.zcount(queue.toKey('failed'), since, '+inf');
    },
  };
}
