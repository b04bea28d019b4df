import type { DeliveryQueue } from '../bullmq/open-queue.ts';
import { toCriteria } from '../dead-letters/criteria.ts';
import type { PayloadTerm } from '../dead-letters/filter.ts';
import { searchPayloads } from '../dead-letters/search-payloads.ts';
import { BUDGET, SEARCH_IDS } from '../dead-letters/search-scripts.ts';
import type { DeadReason } from '../records/outcome.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { scanIds } from '../redis/scan-ids.ts';
import { runScript } from '../redis/scripts.ts';
import { acrossShards, type Shards } from '../sharding/across-shards.ts';
import { type DeliveryRecord, readRecord, type Whereabouts } from './delivery-record.ts';

/** Deliveries in any state, for operators. */
export interface Deliveries {
  /** Returns the record of a delivery; undefined if it is unknown or no longer stored. */
  read(id: string): Promise<DeliveryRecord | undefined>;
  /** Returns deliveries whose payload has all of the given values, newest first. Reads every stored delivery. */
  find(terms: readonly PayloadTerm[], options: { readonly limit: number }): Promise<readonly FoundDelivery[]>;
}

/** Returns the deliveries of all shards. Every method rejects while Redis is down. */
export function createDeliveries(shards: Shards): Deliveries {
  return {
    find: (terms, options) =>
      acrossShards(
        shards,
        async (shard) => findDeliveries(shard.contextOrThrow(), terms, options),
        // Ids start with their creation time.
        (parts) =>
          parts
            .flat()
            .sort((one, other) => (one.id < other.id ? 1 : -1))
            .slice(0, options.limit),
      ),
    read: (id) =>
      acrossShards(
        shards,
        async (shard) => readRecord(shard.contextOrThrow(), id),
        (records) => records.find((record) => record !== undefined),
      ),
  };
}

/** A search result. */
export interface FoundDelivery {
  readonly id: string;
  /** Empty if its data cannot be read. */
  readonly connection: string;
  readonly topic: string;
  readonly state: Whereabouts['state'];
  /** When it was delivered, died or was discarded; otherwise when it was received. Milliseconds since the epoch. */
  readonly at: number;
  /** The event in Botpress, of a delivered delivery. Recorded and erased deliveries have none. */
  readonly eventId?: string;
  /** Of a dead or discarded delivery. */
  readonly reason?: DeadReason;
}

/** Keys per round trip. */
const PAGE = 500;

/**
 * Searches the stored deliveries in every state for those whose payload has all of the given values. It reads each
 * delivery once; other commands run in between. Bodies of 1 kB and more have to be inflated unless the delivery is dead
 * (`bench/results/dead-letters.md` shows how long that takes).
 *
 * @param terms at least one
 * @returns the newest matches, newest first, at most `limit`
 */
async function findDeliveries(
  { queue, redis }: { readonly queue: DeliveryQueue; readonly redis: RedisConnection },
  terms: readonly PayloadTerm[],
  { limit }: { readonly limit: number },
): Promise<readonly FoundDelivery[]> {
  const context = { redis, keyPrefix: queue.toKey('') };
  const found: string[] = [];
  for await (const ids of scanIds(redis, context.keyPrefix, PAGE)) {
    const candidates = await pick(context, ids, terms);
    const verified = await searchPayloads(context, candidates, terms);
    found.push(...verified);
  }
  // Ids start with their creation time. SCAN may return an id twice.
  const newest = [...new Set(found)].sort().reverse().slice(0, limit);
  const records = await Promise.all(newest.map((id) => readRecord({ queue, redis }, id)));
  return records.flatMap((record) => (record ? [summarize(record)] : []));
}

async function pick(
  { redis, keyPrefix }: { readonly redis: RedisConnection; readonly keyPrefix: string },
  ids: readonly string[],
  having: readonly PayloadTerm[],
): Promise<readonly string[]> {
  const criteria = JSON.stringify(toCriteria({ having }));
  const found: string[] = [];
  for (let from = 0; from < ids.length; ) {
    const args = [criteria, BUDGET, ids.length, 'ids', ...ids.slice(from)];
    const reply = await runScript(redis, SEARCH_IDS, keyPrefix, ...args);
    const [read, matches] = reply as [number, readonly string[]];
    found.push(...matches);
    from += read;
  }
  return found;
}

function summarize({ id, topic, reading, where }: DeliveryRecord): FoundDelivery {
  const { connection = '', receivedAt = 0 } = reading.ok ? reading.delivery : {};
  return {
    id,
    connection,
    topic,
    state: where.state,
    at: 'at' in where ? where.at : receivedAt,
    ...('settled' in where && 'eventId' in where.settled ? { eventId: where.settled.eventId } : {}),
    ...('death' in where ? { reason: where.death.reason } : {}),
  };
}
