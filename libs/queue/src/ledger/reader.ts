import { discardedKey, type QueueContext } from '../bullmq/context.ts';
import { ledgerKey, readCounters } from '../bullmq/ledger-counters.ts';
import { scanIds } from '../redis/scan-ids.ts';
import { acrossShards, type Shards } from '../sharding/across-shards.ts';
import type { Shard } from '../sharding/shard.ts';
import { type Ledger, mergeLedgers, mergeStored, type ShardLedger, type Stored } from './ledger.ts';

export interface LedgerReader {
  /** Reads the counters and lengths of each shard at one moment, even under traffic. Rejects if Redis cannot be reached. */
  readLedger(): Promise<Ledger>;
  /** Counts the stored deliveries by connection, without the counters. Reads every stored delivery. */
  countStored(): Promise<ReadonlyMap<string, Stored>>;
}

/** A script and not a transaction, which a full Redis refuses. */
const READ = `
return {
  redis.call('HGETALL', KEYS[1]),
  redis.call('LLEN', KEYS[2] .. 'wait') + redis.call('LLEN', KEYS[2] .. 'paused')
    + redis.call('LLEN', KEYS[2] .. 'active') + redis.call('ZCARD', KEYS[2] .. 'prioritized')
    + redis.call('ZCARD', KEYS[2] .. 'delayed'),
  redis.call('ZCARD', KEYS[2] .. 'failed'),
}
`;

/** Returns the reader of the ledger in all shards. Every method rejects while Redis is down. */
export function createLedgerReader(shards: Shards): LedgerReader {
  return {
    readLedger: () => acrossShards(shards, readShard, mergeLedgers),
    countStored: () =>
      acrossShards(shards, async (shard) => auditStored(shard.contextOrThrow()), mergeStored),
  };
}

async function readShard(shard: Shard): Promise<ShardLedger> {
  const { redis, keyPrefix } = shard.contextOrThrow();
  const reply = await redis.eval(READ, 2, ledgerKey(shard.prefix), keyPrefix);
  const [fields, pending, dead] = reply as [string[], number, number];
  return { counters: readCounters(fields), stored: { pending, dead } };
}

/** Deliveries per script call: about 4 ms of Redis' time. */
const PAGE = 1_000;

/**
 * Lua: returns the connection and the state of each id; ids without a delivery are left out. The connection is read
 * from the options and not from the body, which can have 4 MB.
 */
const READ_STATES = `
local found = {}
for _, id in ipairs(ARGV) do
  local opts = redis.call('HGET', KEYS[1] .. id, 'opts')
  if opts then
    local state = 'pending'
    if redis.call('ZSCORE', KEYS[1] .. 'failed', id) then state = 'dead'
    elseif redis.call('ZSCORE', KEYS[1] .. 'completed', id) then state = 'delivered'
    elseif redis.call('ZSCORE', KEYS[2], id) then state = 'discarded' end
    found[#found + 1] = id
    found[#found + 1] = cjson.decode(opts).connection or ''
    found[#found + 1] = state
  end
end
return found
`;

/**
 * Counts the stored deliveries by connection, without the ledger's counters. Exact for connections without traffic
 * during the walk.
 */
async function auditStored({ redis, base, keyPrefix }: QueueContext): Promise<Map<string, Stored>> {
  const counts = new Map<string, { pending: number; dead: number }>();
  // SCAN may return a key twice.
  const seen = new Set<string>();
  for await (const ids of scanIds(redis, keyPrefix, PAGE)) {
    const found = (await redis.eval(READ_STATES, 2, keyPrefix, discardedKey(base), ...ids)) as string[];
    for (let index = 0; index + 2 < found.length; index += 3) {
      const [id = '', connection = '', state] = found.slice(index, index + 3);
      if (seen.has(id)) continue;
      seen.add(id);
      const count = counts.get(connection) ?? { pending: 0, dead: 0 };
      if (state === 'pending' || state === 'dead') count[state]++;
      counts.set(connection, count);
    }
  }
  return counts;
}
