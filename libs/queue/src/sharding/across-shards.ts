import type { RedisConnectionOptions } from '../redis/connect.ts';
import { shardPrefix } from './shard.ts';

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

/**
 * Reads something of each shard; undefined if one of them cannot be reached: what a part of them has would be taken for
 * what all have.
 */
export async function readOfAll<Shard, Part>(
  shards: readonly Shard[],
  read: (shard: Shard) => Promise<Part | undefined>,
): Promise<readonly Part[] | undefined> {
  const parts = await Promise.all(shards.map(read));
  const known = parts.filter((part) => part !== undefined);
  return known.length === parts.length ? known : undefined;
}

/** Whether something is so in any shard; undefined if it is in none that can be reached, and one cannot. */
export async function isInAny<Shard>(
  shards: readonly Shard[],
  ask: (shard: Shard) => Promise<boolean | undefined>,
): Promise<boolean | undefined> {
  const told = await Promise.all(shards.map(ask));
  return told.includes(true) || (told.includes(undefined) ? undefined : false);
}
