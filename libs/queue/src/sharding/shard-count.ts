import { shardsKey } from '../keys.ts';
import { BackgroundTask } from '../redis/background-task.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { luaScript, runScript } from '../redis/scripts.ts';

/** The number of shards. */
export interface ShardCount {
  /** Returns the number last seen. It never shrinks: the deliveries of a shard must be processed. */
  current(): number;
  /** Resolves when Redis has replied for the first time; never rejects. */
  readonly reached: Promise<void>;
  close(): Promise<void>;
}

export interface ShardCountOptions {
  /** A connection to the first shard that does not wait for Redis. */
  readonly redis: RedisConnection;
  /** Prefix of the first shard's keys. */
  readonly prefix: string;
  /** Shards that this process knows of, at least. */
  readonly wanted: number;
  /** Whether this process writes into that many shards, so that all other processes must know of them. */
  readonly announces?: boolean;
  /** Called when the number has grown. */
  readonly onGrown?: ((count: number) => void) | undefined;
  readonly onError: (error: Error) => void;
}

/** Milliseconds between two reads: the delay after which a worker starts on a shard that another process added. */
const INTERVAL = 10_000;

/** Milliseconds before the next read after Redis was down. */
const AFTER_ERROR = 1_000;

const RAISE = luaScript(import.meta.url, './lua/raise.lua', { keys: 1 });

/**
 * Agrees with all other processes on the number of shards: the highest that any process ever wrote into. Shards can
 * be added without restarting other processes. When a process writes into fewer, the others are still processed.
 */
export function watchShardCount(options: ShardCountOptions): ShardCount {
  const { redis, prefix, wanted, announces = false, onGrown = () => {}, onError } = options;
  const key = shardsKey(prefix);
  let count = wanted;
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const task = new BackgroundTask({
    once: async () => {
      const stored = Number((await redis.get(key)) ?? 1);
      // A full Redis rejects writes, so it is written only if necessary.
      const agreed = announces && stored < wanted ? await raise(redis, key, wanted) : stored;
      if (agreed > count) {
        count = agreed;
        onGrown(count);
      }
      reach();
      return INTERVAL;
    },
    onError,
    afterError: AFTER_ERROR,
  });
  redis.once('ready', () => task.start());
  return { current: () => count, reached, close: () => task.stop() };
}

async function raise(redis: RedisConnection, key: string, wanted: number): Promise<number> {
  return Number(await runScript(redis, RAISE, key, wanted));
}
