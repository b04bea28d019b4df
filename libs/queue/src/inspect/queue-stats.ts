import { z } from 'zod';
import type { QueueContext } from '../bullmq/context.ts';
import {
  DELIVERY_FIELDS,
  JOB_FIELDS,
  jobKey,
  LUA_LAYOUT,
  priorityScore,
  queueKey,
  REPLAY_PRIORITY,
} from '../bullmq/layout.ts';
import type { DeliveryQueue } from '../bullmq/open-queue.ts';
import { type DeadLetterGroup, mergeGroups, readGroups } from '../dead-letters/groups.ts';
import { mergeSweeps, readSweep, type Sweep } from '../dead-letters/retention.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { mergeHealth, type RedisHealth, readRedisHealth } from '../redis/health.ts';
import { luaScript, runScript } from '../redis/scripts.ts';
import {
  countOpenReplays,
  mergeActivity,
  type OpenReplays,
  type ReplayActivity,
  readReplayActivity,
} from '../replays/stats.ts';
import { acrossReachedShards, inAnyShard, type Shards } from '../sharding/across-shards.ts';

/** Number of deliveries by state. */
export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  /** Retried, paced, held or verifying. */
  readonly delayed: number;
  readonly dead: number;
}

/** A snapshot of the queue and its Redis. */
export interface QueueStats {
  readonly deliveries: QueueCounts;
  /** When the delivery that has waited longest for its first attempt was received, in milliseconds since the epoch. */
  readonly oldestWaiting: number | undefined;
  /** When the oldest delivery that waits in the queue of a held connection was received. */
  readonly oldestHeld: number | undefined;
  readonly replays: OpenReplays;
  readonly redis: RedisHealth;
}

/** A snapshot of the dead letters and their replays. */
export interface DeadLetterStats {
  readonly groups: readonly DeadLetterGroup[];
  /** The last retention sweep of any process; `undefined` before the first. */
  readonly sweep: Sweep | undefined;
  readonly replays: ReplayActivity;
}

/** Reads statistics of the queue. Every method returns `undefined` while Redis cannot be reached. */
export interface QueueStatsReader {
  /** Reads a snapshot in one round trip. Its cost depends on the number of held connections, not on the queue's length. */
  read(): Promise<QueueStats | undefined>;
  /** Reads the counts alone. */
  readCounts(): Promise<QueueCounts | undefined>;
  /**
   * Counts the waiting deliveries of one shard.
   *
   * @param prefix prefix of the shard's keys
   */
  countWaiting(prefix: string): Promise<number | undefined>;
  /** Reads the dead letters, at a cost that depends on the number of their groups. */
  readDeadLetters(): Promise<DeadLetterStats | undefined>;
  /** Counts the dead letters that died since that time, in milliseconds since the epoch. */
  countDeadSince(since: number): Promise<number | undefined>;
  /** Reads the newest events among the stored deliveries. */
  readNewest(): Promise<readonly NewestDelivered[] | undefined>;
  /** Whether any worker is connected; also `undefined` if Redis does not permit the query. */
  hasWorkers(): Promise<boolean | undefined>;
}

/** Returns the statistics of all shards. */
export function createQueueStats(shards: Shards): QueueStatsReader {
  return {
    read: () => acrossReachedShards(shards, readStats, mergeStats),
    readCounts: () => acrossReachedShards(shards, ({ queue }) => readCounts(queue), mergeCounts),
    async countWaiting(prefix) {
      const shard = shards.all().find((one) => one.prefix === prefix);
      const context = shard?.context();
      return context && (await readCounts(context.queue)).waiting;
    },
    readDeadLetters: () => acrossReachedShards(shards, readDeadLetters, mergeDeadLetters),
    countDeadSince: (since) =>
      acrossReachedShards(
        shards,
        ({ redis, keyPrefix }) => redis.zcount(queueKey(keyPrefix, 'failed'), since, '+inf'),
        sum,
      ),
    readNewest: () => acrossReachedShards(shards, readNewestDelivered, (parts) => parts.flat()),
    hasWorkers: () => inAnyShard(shards, ({ redis }) => hasWorkers(redis).catch(() => undefined)),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const STATS = luaScript(import.meta.url, './lua/queue-stats.lua', { keys: 2, constants: LUA_LAYOUT });

/** Deliveries that are looked at for the oldest, at each end of the queue and spread between: up to three times these. */
const SAMPLED = 64;

async function readStats(context: QueueContext): Promise<QueueStats> {
  const { redis, base, keyPrefix } = context;
  const [state, replays, health] = await Promise.all([
    readQueueState(context),
    countOpenReplays(redis, base),
    readRedisHealth(redis, queueKey(keyPrefix, 'meta')),
  ]);
  return { ...state, replays, redis: health };
}

/** Reads the counts and the oldest deliveries of a shard. */
export async function readQueueState({
  redis,
  base,
  keyPrefix,
}: QueueContext): Promise<Pick<QueueStats, 'deliveries' | 'oldestWaiting' | 'oldestHeld'>> {
  const reply = await runScript(redis, STATS, keyPrefix, base, SAMPLED, priorityScore(REPLAY_PRIORITY));
  const [waiting, active, delayed, dead, oldestWaiting, oldestHeld] = reply as [
    ...[number, number, number, number],
    ...[string, string],
  ];
  const readTime = (time: string) => (time === '' ? undefined : Number(time));
  return {
    deliveries: { waiting, active, delayed, dead },
    oldestWaiting: readTime(oldestWaiting),
    oldestHeld: readTime(oldestHeld),
  };
}

/**
 * Merges the statistics of all shards, which may share one Redis: the oldest deliveries, the fullest Redis, and every
 * problem of any. A replay is in every shard, so the greatest count of replays is the number of replays.
 */
export function mergeStats(parts: readonly QueueStats[]): QueueStats {
  const earliest = (of: (part: QueueStats) => number | undefined) => {
    const times = parts.flatMap((part) => of(part) ?? []);
    return times.length > 0 ? Math.min(...times) : undefined;
  };
  const most = (of: (part: QueueStats) => number) => Math.max(...parts.map(of));
  return {
    deliveries: mergeCounts(parts.map(({ deliveries }) => deliveries)),
    oldestWaiting: earliest(({ oldestWaiting }) => oldestWaiting),
    oldestHeld: earliest(({ oldestHeld }) => oldestHeld),
    replays: {
      running: most(({ replays }) => replays.running),
      paused: most(({ replays }) => replays.paused),
    },
    redis: mergeHealth(parts.map(({ redis }) => redis)),
  };
}

async function readCounts(queue: DeliveryQueue): Promise<QueueCounts> {
  const counts = await queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed');
  const of = (state: string) => counts[state] ?? 0;
  return {
    waiting: of('wait') + of('prioritized'),
    active: of('active'),
    delayed: of('delayed'),
    dead: of('failed'),
  };
}

function mergeCounts(parts: readonly QueueCounts[]): QueueCounts {
  const of = (state: keyof QueueCounts) => sum(parts.map((part) => part[state]));
  return { waiting: of('waiting'), active: of('active'), delayed: of('delayed'), dead: of('dead') };
}

async function readDeadLetters(context: QueueContext): Promise<DeadLetterStats> {
  const [groups, sweep, replays] = await Promise.all([
    readGroups(context),
    readSweep(context),
    readReplayActivity(context),
  ]);
  return { groups, sweep, replays };
}

function mergeDeadLetters(parts: readonly DeadLetterStats[]): DeadLetterStats {
  return {
    groups: mergeGroups(parts.map(({ groups }) => groups)),
    sweep: mergeSweeps(parts.flatMap(({ sweep }) => sweep ?? [])),
    replays: mergeActivity(parts.map(({ replays }) => replays)),
  };
}

/** A delivery that became an event. Times are in milliseconds since the epoch. */
export interface NewestDelivered {
  readonly connection: string;
  readonly receivedAt: number;
  readonly deliveredAt: number;
}

/** Deliveries that are read. With fewer, a quiet connection beside a busy one would have none among them. */
const NEWEST_READ = 200;

const jobOptions = z.object({ connection: z.string() });

/**
 * Reads the newest stored deliveries without their bodies, in two round trips and about 0.5 ms of Redis. Deliveries that
 * became no event are left out, and so are replayed ones: they waited for an operator.
 */
async function readNewestDelivered({ redis, keyPrefix }: QueueContext): Promise<readonly NewestDelivered[]> {
  const ids = await redis.zrevrange(queueKey(keyPrefix, 'completed'), 0, NEWEST_READ - 1);
  const { opts, timestamp, finishedOn, returnValue } = JOB_FIELDS;
  const pipeline = redis.pipeline();
  for (const id of ids) {
    pipeline.hmget(jobKey(keyPrefix, id), opts, timestamp, finishedOn, returnValue, DELIVERY_FIELDS.replay);
  }
  const replies = ids.length > 0 ? await pipeline.exec() : [];
  return (replies ?? []).flatMap(([error, fields]) => {
    if (error) throw error;
    const [options, receivedAt, deliveredAt, result, replay] = fields as readonly (string | null)[];
    if (!options || !result?.includes('"eventId"') || replay) return [];
    const { data } = jobOptions.safeParse(JSON.parse(options));
    if (!data) return [];
    return {
      connection: data.connection,
      receivedAt: Number(receivedAt),
      deliveredAt: Number(deliveredAt),
    };
  });
}

/** Name of a connection that every worker process has to Redis. */
const WORKER = / name=sluice-worker /;

/**
 * Returns whether any worker is connected to Redis. A connected worker may still be stuck.
 *
 * @throws an Error if Redis does not permit the query, as some hosted ones do not
 */
async function hasWorkers(redis: RedisConnection): Promise<boolean> {
  const nodes = 'nodes' in redis ? redis.nodes('master') : [redis];
  const lists = await Promise.all(nodes.map((node) => node.client('LIST')));
  return lists.some((clients) => WORKER.test(String(clients)));
}
