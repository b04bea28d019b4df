import { z } from 'zod';
import { REPLAY_PRIORITY } from '../bullmq/layout.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { type RedisHealth, readRedisHealth } from '../redis/health.ts';
import { countOpenReplays, type OpenReplays } from '../replays/stats.ts';
import { acrossReachedShards, inAnyShard, type Shards } from '../sharding/across-shards.ts';
import type { ShardContext } from '../sharding/shard.ts';

/** What metrics tell of the queue besides its counts. */
export interface QueueStats {
  /** When the delivery that has waited longest to be taken at all was received, in milliseconds since the epoch. */
  readonly oldestUntaken: number | undefined;
  readonly replays: OpenReplays;
  readonly redis: RedisHealth;
}

export interface QueueStatsReader {
  /** One round trip, whatever the queue's length; undefined if Redis cannot be reached. */
  read(): Promise<QueueStats | undefined>;
  /** Whether a delivery that is at work was dead and has been put back; undefined if Redis cannot be reached. */
  isReplayed(deliveryId: string): Promise<boolean | undefined>;
  /** Whether any worker is connected; undefined if Redis cannot be reached, or does not let this be asked. */
  hasWorkers(): Promise<boolean | undefined>;
  /** Of those delivered last and still kept, when they came and went; undefined if Redis cannot be reached. */
  readNewest(): Promise<readonly NewestDelivered[] | undefined>;
  /** How many are dead that died since then, in milliseconds since the epoch; undefined if Redis cannot be reached. */
  countDeadSince(since: number): Promise<number | undefined>;
}

/** Returns what reads the statistics of the queue, in all its shards. */
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
 * Puts together the figures of all shards, which may be of one Redis or of several: of those that of the fullest is
 * told, and what is wrong with any. A replay is in every shard, so of their counts the greatest is.
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

/** Looked at: with more, a quiet connection beside a busy one would still be out of sight. */
const NEWEST_READ = 200;

const options = z.object({ connection: z.string() });

/**
 * Reads the newest of those that are kept, in two round trips, without their bodies; some 0.5 ms of Redis'. What became
 * no event is left out, and what a replay had put back: it waited for somebody to do so.
 *
 * @param keyPrefix what the queue's keys begin with
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
  const answers = ids.length > 0 ? await pipeline.exec() : [];
  return (answers ?? []).flatMap(([error, fields]) => {
    if (error) throw error;
    const [opts, received, delivered, became, replay] = fields as readonly (string | null)[];
    if (!opts || !became?.includes('"eventId"') || replay) return [];
    const { data } = options.safeParse(JSON.parse(opts));
    if (!data) return [];
    return { connection: data.connection, receivedAt: Number(received), deliveredAt: Number(delivered) };
  });
}

/** Deliveries that are looked at, at either end of the line and spread evenly between: all, up to three times these. */
const OLDEST_SAMPLED = 64;

/**
 * Lua: when the delivery that has waited longest to be taken for the first time was received, in milliseconds since
 * the epoch; nothing if none waits.
 *
 * The line is sorted by priority, so its oldest may stand anywhere in it. To look at all of 100,000 would cost Redis
 * half a second; these cost it 0.3 ms, and of a long line they find one that is nearly as old. What has been taken
 * before is passed over: it waited for something else since it was received (a retry, its bot, a replay).
 *
 * KEYS: prefix of the queue. ARGV: how many, score from which on replays wait.
 */
const OLDEST = `
local prefix, each = KEYS[1], tonumber(ARGV[1])
local line = prefix .. 'prioritized'
local length = redis.call('ZCOUNT', line, '-inf', '(' .. ARGV[2])
local oldest
local function look(ids)
  for _, id in ipairs(ids) do
    local job = redis.call('HMGET', prefix .. id, 'timestamp', 'ats')
    local received = tonumber(job[1])
    if received and not job[2] and (not oldest or received < oldest) then oldest = received end
  end
end
look(redis.call('LRANGE', prefix .. 'wait', -each, -1))
if length > 0 and length <= 3 * each then
  look(redis.call('ZRANGE', line, 0, length - 1))
elseif length > 0 then
  look(redis.call('ZRANGE', line, 0, each - 1))
  look(redis.call('ZRANGE', line, length - each, length - 1))
  for step = 1, each do
    local at = math.floor(step * length / (each + 1))
    look(redis.call('ZRANGE', line, at, at))
  end
end
return oldest and tostring(oldest) or false
`;

/** BullMQ's score of the first delivery of a priority. */
const PRIORITY_UNIT = 0x1_0000_0000;

/** Reads when the delivery that has waited longest to be taken at all was received: milliseconds since the epoch. */
export async function readOldestUntaken(
  redis: RedisConnection,
  keyPrefix: string,
): Promise<number | undefined> {
  const behind = REPLAY_PRIORITY * PRIORITY_UNIT;
  const oldest = await redis.eval(OLDEST, 1, keyPrefix, OLDEST_SAMPLED, behind);
  return oldest === null ? undefined : Number(oldest);
}

/** How workers name themselves to Redis; each process has such connections to it. */
const WORKER = / name=sluice-worker /;

/**
 * Whether any worker is connected to Redis. One that is connected may still be stuck.
 *
 * @throws an Error where Redis does not let this be asked, as some that one can rent do not
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
