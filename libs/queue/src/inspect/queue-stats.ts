import { z } from 'zod';
import { REPLAY_PRIORITY } from '../bullmq/layout.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { type RedisHealth, readRedisHealth } from '../redis/health.ts';
import { countOpenReplays, type OpenReplays } from '../replays/stats.ts';
import { acrossReachedShards, inAnyShard, type Shards } from '../sharding/across-shards.ts';
import type { ShardContext } from '../sharding/shard.ts';

/** Statistics of the queue for metrics, apart from its counts. */
export interface QueueStats {
  /** When the oldest delivery that no worker has reserved yet was received, in milliseconds since the epoch. */
  readonly oldestUntaken: number | undefined;
  readonly replays: OpenReplays;
  readonly redis: RedisHealth;
}

export interface QueueStatsReader {
  /** Reads in one round trip, regardless of the queue's length. Returns undefined if Redis cannot be reached. */
  read(): Promise<QueueStats | undefined>;
  /** Returns whether an active delivery is a replayed dead letter; undefined if Redis cannot be reached. */
  isReplayed(deliveryId: string): Promise<boolean | undefined>;
  /** Returns whether any worker is connected; undefined if Redis cannot be reached or rejects CLIENT LIST. */
  hasWorkers(): Promise<boolean | undefined>;
  /** Returns when the newest delivered deliveries were received and delivered; undefined if Redis cannot be reached. */
  readNewest(): Promise<readonly NewestDelivered[] | undefined>;
  /** Counts dead letters that died since then (milliseconds since the epoch); undefined if Redis cannot be reached. */
  countDeadSince(since: number): Promise<number | undefined>;
}

/** Returns the reader of the queue's statistics in all shards. */
export function createQueueStats(shards: Shards): QueueStatsReader {
  return {
    read: () => acrossReachedShards(shards, readStats, mergeStats),
    isReplayed: (deliveryId) =>
      inAnyShard(
        shards,
        async ({ redis, keyPrefix }) => (await redis.hexists(`${keyPrefix}${deliveryId}`, 'sl:replay')) === 1,
      ),
    hasWorkers: () => inAnyShard(shards, ({ redis }) => hasWorkers(redis).catch(() => undefined)),
    readNewest: () =>
      acrossReachedShards(
        shards,
        ({ redis, keyPrefix }) => readNewestDelivered(redis, keyPrefix),
        (parts) => parts.flat(),
      ),
    countDeadSince: (since) =>
      acrossReachedShards(
        shards,
        ({ redis, keyPrefix }) => redis.zcount(`${keyPrefix}failed`, since, '+inf'),
        (counts) => counts.reduce((sum, count) => sum + count, 0),
      ),
  };
}

async function readStats({ redis, base, keyPrefix }: ShardContext): Promise<QueueStats> {
  const [oldestUntaken, replays, health] = await Promise.all([
    readOldestUntaken(redis, keyPrefix),
    countOpenReplays(redis, base),
    readRedisHealth(redis, `${keyPrefix}meta`),
  ]);
  return { oldestUntaken, replays, redis: health };
}

/**
 * Merges the statistics of all shards, which may be on one Redis or on several. It reports the fullest Redis, and a
 * persistence problem of any. A replay is in every shard, so its counts are the maximum.
 */
export function mergeStats(parts: readonly QueueStats[]): QueueStats {
  const oldest = parts.flatMap(({ oldestUntaken }) => oldestUntaken ?? []);
  const most = (of: (part: QueueStats) => number) => Math.max(...parts.map(of));
  return {
    oldestUntaken: oldest.length > 0 ? Math.min(...oldest) : undefined,
    replays: {
      running: most(({ replays }) => replays.running),
      paused: most(({ replays }) => replays.paused),
    },
    redis: mergeHealth(parts.map(({ redis }) => redis)),
  };
}

function mergeHealth(parts: readonly RedisHealth[]): RedisHealth {
  const fullness = ({ usedBytes, maxBytes }: RedisHealth) => (maxBytes > 0 ? usedBytes / maxBytes : 0);
  const fullest = parts.reduce((one, other) => (fullness(other) > fullness(one) ? other : one));
  const all = (check: keyof RedisHealth['persistence']) =>
    parts.every(({ persistence }) => persistence[check]);
  return {
    ...fullest,
    persistence: {
      append_only: all('append_only'),
      last_write: all('last_write'),
      last_rewrite: all('last_rewrite'),
    },
    appendOnlyBytes: Math.max(...parts.map(({ appendOnlyBytes }) => appendOnlyBytes)),
  };
}

/** A delivery that became an event; times in milliseconds since the epoch. */
export interface NewestDelivered {
  readonly connection: string;
  readonly receivedAt: number;
  readonly deliveredAt: number;
}

/** Newest deliveries to read. Even more would not include a quiet connection next to a busy one. */
const NEWEST_READ = 200;

const options = z.object({ connection: z.string() });

/**
 * Reads the newest kept deliveries in two round trips, without their bodies; about 0.5 ms of Redis' time. Deliveries
 * without an event are left out, and replayed ones, whose delay is that of an operator.
 *
 * @param keyPrefix prefix of the queue's keys
 */
async function readNewestDelivered(
  redis: RedisConnection,
  keyPrefix: string,
): Promise<readonly NewestDelivered[]> {
  const ids = await redis.zrevrange(`${keyPrefix}completed`, 0, NEWEST_READ - 1);
  const pipeline = redis.pipeline();
  for (const id of ids) {
    pipeline.hmget(`${keyPrefix}${id}`, 'opts', 'timestamp', 'finishedOn', 'returnvalue', 'sl:replay');
  }
  const replies = ids.length > 0 ? await pipeline.exec() : [];
  return (replies ?? []).flatMap(([error, fields]) => {
    if (error) throw error;
    const [opts, received, delivered, result, replay] = fields as readonly (string | null)[];
    if (!opts || !result?.includes('"eventId"') || replay) return [];
    const { data } = options.safeParse(JSON.parse(opts));
    if (!data) return [];
    return { connection: data.connection, receivedAt: Number(received), deliveredAt: Number(delivered) };
  });
}

/** Deliveries to read at either end of the queue, and spread evenly in between. Up to three times this number, all. */
const OLDEST_SAMPLED = 64;

/**
 * Lua: returns when the oldest delivery that no worker has reserved yet was received, in milliseconds since the epoch;
 * nothing if no delivery waits.
 *
 * The queue is sorted by priority, so the oldest delivery can be anywhere in it. Reading all of 100,000 would cost Redis
 * half a second; a sample costs 0.3 ms and finds one that is nearly as old. Deliveries that were reserved before are
 * skipped: they waited for something else since they were received (a retry, their bot, a replay).
 *
 * KEYS: prefix of the queue. ARGV: sample size, score at which replays start.
 */
const OLDEST = `
local prefix, each = KEYS[1], tonumber(ARGV[1])
local queue = prefix .. 'prioritized'
local length = redis.call('ZCOUNT', queue, '-inf', '(' .. ARGV[2])
local oldest
local function read(ids)
  for _, id in ipairs(ids) do
    local job = redis.call('HMGET', prefix .. id, 'timestamp', 'ats')
    local received = tonumber(job[1])
    if received and not job[2] and (not oldest or received < oldest) then oldest = received end
  end
end
read(redis.call('LRANGE', prefix .. 'wait', -each, -1))
if length > 0 and length <= 3 * each then
  read(redis.call('ZRANGE', queue, 0, length - 1))
elseif length > 0 then
  read(redis.call('ZRANGE', queue, 0, each - 1))
  read(redis.call('ZRANGE', queue, length - each, length - 1))
  for step = 1, each do
    local at = math.floor(step * length / (each + 1))
    read(redis.call('ZRANGE', queue, at, at))
  end
end
return oldest and tostring(oldest) or false
`;

/** BullMQ's score per priority. */
const PRIORITY_UNIT = 0x1_0000_0000;

/** Returns when the oldest delivery that no worker has reserved yet was received, in milliseconds since the epoch. */
export async function readOldestUntaken(
  redis: RedisConnection,
  keyPrefix: string,
): Promise<number | undefined> {
  const firstReplay = REPLAY_PRIORITY * PRIORITY_UNIT;
  const oldest = await redis.eval(OLDEST, 1, keyPrefix, OLDEST_SAMPLED, firstReplay);
  return oldest === null ? undefined : Number(oldest);
}

/** Name of a worker's connections in CLIENT LIST. */
const WORKER = / name=sluice-worker /;

/**
 * Returns whether any worker is connected to Redis. A connected worker may still be stuck.
 *
 * @throws an Error where Redis rejects CLIENT LIST, as some managed services do
 */
async function hasWorkers(redis: RedisConnection): Promise<boolean> {
  const nodes = 'nodes' in redis ? redis.nodes('master') : [redis];
  const lists = await Promise.all(nodes.map((node) => node.client('LIST')));
  return lists.some((clients) =>
    String(clients)
      .split('\n')
      .some((client) => WORKER.test(client)),
  );
}
