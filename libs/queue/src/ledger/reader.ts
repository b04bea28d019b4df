import { discardedKey, type QueueContext } from '../bullmq/context.ts';
import { ledgerKey, readCounters } from '../bullmq/ledger-counters.ts';
import { scanIds } from '../redis/scan-ids.ts';
import { acrossShards, type Shards } from '../sharding/across-shards.ts';
import type { Shard } from '../sharding/shard.ts';
import { type Ledger, mergeLedgers, mergeStored, type ShardLedger, type Stored } from './ledger.ts';

export interface LedgerReader {
  /** Counters and queue, of each shard at one and the same moment, whatever goes on. Rejects if Redis cannot be reached. */
  readLedger(): Promise<Ledger>;
  /** Walks all that is stored and counts it by connection, not asking the counters. */
  countStored(): Promise<ReadonlyMap<string, Stored>>;
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

/** Returns the ledger of all shards, for reading. Every method rejects while Redis is down. */
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

/** Deliveries that Redis looks at in one go: some 4 ms. */
const PAGE = 1_000;

/**
 * Says of each id which connection it is of and what state it is in; nothing of what is gone. The connection
 * stands in the options as well, so that a body, which may have 4 MB, is not touched.
 */
const LOOK = `
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
 * Counts the deliveries that are stored, by connection, without asking the counters of the ledger. Exact for
 * each connection of which nothing comes or goes meanwhile.
 *
 * @param place its `keyPrefix` is what the keys of deliveries have before their id
 */
async function auditStored({ redis, base, keyPrefix }: QueueContext): Promise<Map<string, Stored>> {
  const counts = new Map<string, { pending: number; dead: number }>();
  // SCAN may return a key twice.
  const seen = new Set<string>();
  for await (const ids of scanIds(redis, keyPrefix, PAGE)) {
    const found = (await redis.eval(LOOK, 2, keyPrefix, discardedKey(base), ...ids)) as string[];
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
