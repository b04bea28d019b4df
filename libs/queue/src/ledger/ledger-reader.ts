import type { RedisConnectionOptions } from '../connect-redis.ts';
import { openReachableQueue } from '../reachable-queue.ts';
import { balanceLedger, type Ledger, type Stored } from './balance-ledger.ts';
import { countStored } from './count-stored.ts';
import { ledgerKey, readCounters } from './counters.ts';

export interface LedgerReader {
  /** Resolves when Redis has been reached for the first time; never rejects. */
  readonly reached: Promise<void>;
  /** Counters and queue at one and the same moment, whatever goes on. Rejects if Redis cannot be reached. */
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

/** Opens the ledger for looking at it. */
export function openLedgerReader(
  options: RedisConnectionOptions & { readonly prefix: string },
): LedgerReader {
  const { getOrThrow, redis, reached, close } = openReachableQueue(options);
  const keyPrefix = () => getOrThrow().toKey('');
  return {
    reached,
    close,
    async readLedger() {
      const reply = await redis.eval(READ, 2, ledgerKey(options.prefix), keyPrefix());
      const [fields, pending, dead] = reply as [string[], number, number];
      return balanceLedger(readCounters(fields), { pending, dead });
    },
    countStored: async () => countStored({ redis, base: `${options.prefix}:`, keyPrefix: keyPrefix() }),
  };
}
