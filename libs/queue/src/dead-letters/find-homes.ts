import { ledgerKey, readCounters } from '../ledger/counters.ts';
import type { Moving } from './moving.ts';

/**
 * Finds out where the deliveries of each connection are, by the ledgers of the shards: which it is that has accepted
 * the most of them.
 *
 * @param stranger where those of a connection are to go that no shard knows
 */
export async function findHomes(
  shards: readonly Moving[],
  stranger: Moving,
): Promise<(connection: string) => Moving> {
  if (shards.length === 1) return () => stranger;
  const homes = new Map<string, { readonly moving: Moving; readonly accepted: number }>();
  for (const moving of shards) {
    const fields = Object.entries(await moving.redis.hgetall(ledgerKey(moving.base.slice(0, -1)))).flat();
    for (const [connection, { accepted }] of readCounters(fields)) {
      if (accepted > (homes.get(connection)?.accepted ?? 0)) homes.set(connection, { moving, accepted });
    }
  }
  return (connection) => homes.get(connection)?.moving ?? stranger;
}
