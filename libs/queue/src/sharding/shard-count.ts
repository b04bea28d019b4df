import { BackgroundTask } from '../redis/background-task.ts';
import { connectProducer, type RedisConnection } from '../redis/connect.ts';
import type { ShardedOptions } from './across-shards.ts';

/** How many shards there are. */
export interface ShardCount {
  /** As it was seen last. It never shrinks: what is in a shard has to be worked off. */
  current(): number;
  /** Resolves when Redis has been asked for the first time; never rejects. */
  readonly reached: Promise<void>;
  close(): Promise<void>;
}

export interface ShardCountOptions extends Omit<ShardedOptions, 'shards'> {
  /** How many this process knows of, at least. */
  readonly wanted: number;
  /** Whether it writes into so many, which all others have to know then. */
  readonly announces?: boolean;
  /** Told when there are more than before. */
  readonly onGrown?: (count: number) => void;
}

/** Milliseconds between two looks: so late a worker begins with a shard that another process has added. */
const EVERY = 10_000;

/** Milliseconds until Redis is asked again when it was away. */
const AFTER_ERROR = 1_000;

/** KEYS: the number of shards. ARGV: how many there are to be, at least. */
const RAISE = `
local there = tonumber(redis.call('GET', KEYS[1]) or '1')
if there >= tonumber(ARGV[1]) then return there end
redis.call('SET', KEYS[1], ARGV[1])
return tonumber(ARGV[1])
`;

/**
 * Agrees with all other processes on how many shards there are: the most that one of them ever wrote into. So none has to
 * be told first when there are to be more, and when there are to be fewer, those beyond are worked off and looked at.
 */
export function openShardCount(options: ShardCountOptions): ShardCount {
  const { prefix, wanted, announces = false, onGrown = () => {}, onError } = options;
  const key = `${prefix}:shards`;
  const redis = connectProducer(options);
  let count = wanted;
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const repeater = new BackgroundTask({
    once: async () => {
      const there = Number((await redis.get(key)) ?? 1);
      // Only what has to be is raised, for a Redis that is full lets nobody write.
      const agreed = announces && there < wanted ? await raise(redis, key, wanted) : there;
      if (agreed > count) {
        count = agreed;
        onGrown(count);
      }
      reach();
      return EVERY;
    },
    onError,
    afterError: AFTER_ERROR,
  });
  redis.once('ready', () => repeater.start());
  return {
    current: () => count,
    reached,
    async close() {
      await repeater.stop();
      redis.disconnect();
    },
  };
}

async function raise(redis: RedisConnection, key: string, wanted: number): Promise<number> {
  return Number(await redis.eval(RAISE, 1, key, wanted));
}
