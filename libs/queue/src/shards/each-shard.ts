import type { RedisConnectionOptions } from '../connect-redis.ts';
import { shardPrefix } from './shard-prefix.ts';

/** What is opened of all shards together. */
export interface ShardedOptions extends RedisConnectionOptions {
  /** Of the first shard's keys, in braces; the others' follow from it. */
  readonly prefix: string;
  /** How many shards there are now, which may grow; without it, one. */
  readonly shards?: () => number;
}

/** One for each shard. */
export interface EachShard<One> {
  /** By the number of the shard; those that were added are opened by asking. */
  all(): readonly One[];
  /** Resolves when those of the beginning have been reached; never rejects. */
  readonly reached: Promise<void>;
  close(): Promise<void>;
}

interface Opened {
  readonly reached?: Promise<void>;
  close(): Promise<void>;
}

/** Opens one for each shard, and for each that is added later. */
export function eachShard<One extends Opened, Options extends ShardedOptions>(
  options: Options,
  open: (options: Options) => One,
): EachShard<One> {
  const { prefix, shards = () => 1 } = options;
  const opened: One[] = [];
  const all = () => {
    while (opened.length < shards()) {
      opened.push(open({ ...options, prefix: shardPrefix(prefix, opened.length) }));
    }
    return opened;
  };
  return {
    all,
    reached: Promise.all(all().map((one) => one.reached)).then(() => {}),
    async close() {
      await Promise.all(opened.map((one) => one.close()));
    },
  };
}
