import { discardedKey, type QueueContext } from '../bullmq/context.ts';
import { LUA_LAYOUT } from '../bullmq/layout.ts';
import { ledgerKey, readCounters } from '../bullmq/ledger-counters.ts';
import { scanIds } from '../redis/scan-ids.ts';
import { luaScript, runScript } from '../redis/scripts.ts';
import { acrossShards, type Shards } from '../sharding/across-shards.ts';
import type { Shard } from '../sharding/shard.ts';
import { type Ledger, mergeLedgers, mergeStored, type ShardLedger, type Stored } from './ledger.ts';

export interface LedgerReader {
  /** Reads the counters and lengths of each shard at one moment, even under traffic. Rejects if Redis cannot be reached. */
  readLedger(): Promise<Ledger>;
  /** Counts the stored deliveries by connection, without the counters. Reads every stored delivery. */
  countStored(): Promise<ReadonlyMap<string, Stored>>;
}

const READ_LEDGER = luaScript(import.meta.url, './lua/read-ledger.lua', { keys: 3, constants: LUA_LAYOUT });
const READ_STATES = luaScript(import.meta.url, './lua/read-states.lua', { keys: 2, constants: LUA_LAYOUT });

/** Returns the reader of the ledger in all shards. Every method rejects while Redis is down. */
export function createLedgerReader(shards: Shards): LedgerReader {
  return {
    readLedger: () => acrossShards(shards, readShard, mergeLedgers),
    countStored: () =>
      acrossShards(shards, async (shard) => auditStored(shard.contextOrThrow()), mergeStored),
  };
}

async function readShard(shard: Shard): Promise<ShardLedger> {
  const { redis, base, keyPrefix } = shard.contextOrThrow();
  const reply = await runScript(redis, READ_LEDGER, ledgerKey(shard.prefix), keyPrefix, base);
  const [fields, pending, dead, events] = reply as [string[], number, number, (string | number)[]];
  const awaiting = new Map<string, number>();
  for (let index = 0; index + 1 < events.length; index += 2) {
    awaiting.set(String(events[index]), Number(events[index + 1]));
  }
  return { counters: readCounters(fields), stored: { pending, dead }, awaiting };
}

/** Deliveries per script call: about 4 ms of Redis' time. */
const PAGE = 1_000;

/**
 * Counts the stored deliveries by connection, without the ledger's counters. Exact for connections without traffic
 * during the walk.
 */
async function auditStored({ redis, base, keyPrefix }: QueueContext): Promise<Map<string, Stored>> {
  const counts = new Map<string, { pending: number; dead: number }>();
  // SCAN may return a key twice.
  const seen = new Set<string>();
  for await (const ids of scanIds(redis, keyPrefix, PAGE)) {
    const reply = await runScript(redis, READ_STATES, keyPrefix, discardedKey(base), ...ids);
    const found = reply as string[];
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
