import { openReachableQueue } from '../reachable-queue.ts';
import { eachShard, type ShardedOptions } from '../shards/each-shard.ts';
import type { Ledger, Stored } from './balance-ledger.ts';
import { countStored } from './count-stored.ts';
import { ledgerKey, readCounters } from './counters.ts';
import { mergeLedgers, mergeStored, type ShardLedger } from './merge-ledgers.ts';

export interface LedgerReader {
  /** Resolves when Redis has been reached for the first time; never rejects. */
  readonly reached: Promise<void>;
  /** Counters and queue, of each shard at one and the same moment, whatever goes on. Rejects if Redis cannot be reached. */
  readLedger(): Promise<Ledger>;
  /** Walks all that is stored and counts it by connection, not asking the counters. */
  countStored(): Promise<ReadonlyMap<string, Stored>>;
  close(): Promise<void>;
}

/** One script and no transaction: a Redis that is full refuses those. */
const READ = `
return {
  redis.call('HGETALL', KEYS[1]),
  redis.call('LLEN', KEYS[2] .. 'wait') + redis.call('LLEN', KEYS[2] .. 'paused')
    + redis.call('LLEN', KEYS[2] .. 'active') + redis.call('ZCARD', KEYS[2] .. 'prioritized')
    + redis.call('ZCARD', KEYS[2] .. 'delayed'),
  redis.call('ZCARD', KEYS[2] .. 'failed'),
}
`;

/** Opens the ledgers of all shards for looking at them. */
export function openLedgerReader(options: ShardedOptions): LedgerReader {
  const { all, reached, close } = eachShard(options, openOne);
  return {
    reached,
    close,
    readLedger: async () => mergeLedgers(await Promise.all(all().map(({ read }) => read()))),
    countStored: async () => mergeStored(await Promise.all(all().map(({ count }) => count()))),
  };
}

function openOne(options: ShardedOptions) {
  const { getOrThrow, redis, reached, close } = openReachableQueue(options);
  const keyPrefix = () => getOrThrow().toKey('');
  return {
    reached,
    close,
    async read(): Promise<ShardLedger> {
      const reply = await redis.eval(READ, 2, ledgerKey(options.prefix), keyPrefix());
      const [fields, pending, dead] = reply as [string[], number, number];
      return { counters: readCounters(fields), stored: { pending, dead } };
    },
    count: async () => countStored({ redis, base: `${options.prefix}:`, keyPrefix: keyPrefix() }),
  };
}
