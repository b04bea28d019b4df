import { shardsKey } from '../keys.ts';
import { BackgroundTask } from '../redis/background-task.ts';
import type { RedisConnection } from '../redis/connect.ts';

/** How many shards there are. */
export interface ShardCount {
  /** Returns the number last seen. It never shrinks: what is in a shard has to be worked off. */
  current(): number;
  /** Resolves when Redis has answered for the first time; never rejects. */
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
  /** Whether this process writes into that many shards, so that all others have to know of them. */
  readonly announces?: boolean;
  /** Called when the number has grown. */
  readonly onGrown?: ((count: number) => void) | undefined;
  readonly onError: (error: Error) => void;
}

/** Milliseconds between two reads: the delay after which a worker starts on a shard that another process added. */
const INTERVAL = 10_000;

/** Milliseconds before the next read after Redis was down. */
const AFTER_ERROR = 1_000;

/** KEYS: the number of shards. ARGV: the number there has to be, at least. */
const RAISE = `
local there = tonumber(redis.call('GET', KEYS[1]) or '1')
if there >= tonumber(ARGV[1]) then return there end
redis.call('SET', KEYS[1], ARGV[1])
return tonumber(ARGV[1])
`;

/**
 * Agrees with all other processes on the number of shards: the highest that any of them ever wrote into. So shards can be
 * added without a restart of the other processes, and when their number is lowered, the remaining ones are worked off.
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
      // A Redis that is full accepts no write, so nothing is written that need not be.
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
  return Number(await redis.eval(RAISE, 1, key, wanted));
}
