import type { RedisConnectionOptions } from '../redis/connect.ts';
import { shardPrefix } from './placement.ts';
import { openShard, type Shard, type ShardContext } from './shard.ts';
import { watchShardCount } from './shard-count.ts';

export interface ShardsOptions extends RedisConnectionOptions {
  /** Prefix of the first shard's keys, in braces; the prefixes of the others derive from it. */
  readonly prefix: string;
  /** Shards that this process knows of, at least; 1 by default. */
  readonly wanted?: number;
  /** Called when the number of shards has grown. */
  readonly onGrown?: (count: number) => void;
}

/** All shards of the queue, opened once per process and shared by everything in it that reads or operates. */
export interface Shards {
  /** Returns the shards by number; opens those that were added since the last call. */
  all(): readonly Shard[];
  /** Resolves when the number of shards is known and all of them have been reached; never rejects. */
  readonly reached: Promise<void>;
  close(): Promise<void>;
}

/** Opens all shards and returns at once. Calls fail immediately while Redis is down. */
export function openShards({ wanted = 1, onGrown, ...options }: ShardsOptions): Shards {
  const { prefix, onError } = options;
  const first = openShard(options);
  const opened = [first];
  const count = watchShardCount({ redis: first.redis, prefix, wanted, onGrown, onError });
  const all = () => {
    while (opened.length < count.current()) {
      opened.push(openShard({ ...options, prefix: shardPrefix(prefix, opened.length) }));
    }
    return opened;
  };
  all();
  return {
    all,
    reached: count.reached.then(async () => {
      await Promise.all(all().map(({ reached }) => reached));
    }),
    async close() {
      await count.close();
      await Promise.all(opened.map((shard) => shard.close()));
    },
  };
}

/** Calls `map` for all shards concurrently and reduces the results; rejects if any call rejects. */
export async function acrossShards<Part, Result>(
  shards: Shards,
  map: (shard: Shard) => Promise<Part>,
  reduce: (parts: readonly Part[]) => Result,
): Promise<Result> {
  return reduce(await Promise.all(shards.all().map(map)));
}

/**
 * Does the same with the context of each shard, and returns `undefined` if any shard cannot be reached: a result of some
 * shards would be mistaken for one of all.
 */
export function acrossReachedShards<Part, Result>(
  shards: Shards,
  map: (context: ShardContext) => Promise<Part>,
  reduce: (parts: readonly Part[]) => Result,
): Promise<Result | undefined> {
  const reduceIfAll = (parts: readonly (Part | undefined)[]) => {
    const known = parts.filter((part) => part !== undefined);
    return known.length === parts.length ? reduce(known) : undefined;
  };
  return acrossShards(shards, (shard) => ifReached(shard, map), reduceIfAll);
}

/** Returns whether a condition holds in any shard; `undefined` if it holds in no reached shard and some are not reached. */
export function inAnyShard(
  shards: Shards,
  holds: (context: ShardContext) => Promise<boolean | undefined>,
): Promise<boolean | undefined> {
  const anyOf = (results: readonly (boolean | undefined)[]) =>
    results.includes(true) || (results.includes(undefined) ? undefined : false);
  return acrossShards(shards, (shard) => ifReached(shard, holds), anyOf);
}

async function ifReached<Part>(
  shard: Shard,
  read: (context: ShardContext) => Promise<Part>,
): Promise<Part | undefined> {
  const context = shard.context();
  return context && read(context);
}

/** Creates one object per shard, when the shard is first used, and returns them all. */
export function perShard<One>(shards: Shards, create: (shard: Shard) => One): () => readonly One[] {
  const created: One[] = [];
  return () => {
    for (const shard of shards.all().slice(created.length)) created.push(create(shard));
    return created;
  };
}
