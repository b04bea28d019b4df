import type { DeliveryQueue } from '../bullmq/open-queue.ts';
import { toCriteria } from '../dead-letters/criteria.ts';
import type { PayloadTerm } from '../dead-letters/filter.ts';
import { searchPayloads } from '../dead-letters/search-payloads.ts';
import { LOOKS, PICK } from '../dead-letters/search-scripts.ts';
import type { DeadReason } from '../records/outcome.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { scanIds } from '../redis/scan-ids.ts';
import { acrossShards, type Shards } from '../sharding/across-shards.ts';
import { type DeliveryRecord, readRecord, type Whereabouts } from './delivery-record.ts';

/** What an operator may ask of deliveries, whatever their state. */
export interface Deliveries {
  /** All that is known of one; undefined if it is not kept any more, or never was. */
  read(id: string): Promise<DeliveryRecord | undefined>;
  /** Those that have all of these values in their payload, received last first. It looks at every one stored. */
  find(terms: readonly PayloadTerm[], options: { readonly limit: number }): Promise<readonly FoundDelivery[]>;
}

/** Returns the deliveries of all shards. Every method rejects while Redis is down. */
export function createDeliveries(shards: Shards): Deliveries {
  return {
    find: (terms, options) =>
      acrossShards(
        shards,
        async (shard) => findDeliveries(shard.contextOrThrow(), terms, options),
        // An id begins with the time at which it was made.
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

/** A delivery that was searched for, in a line. */
export interface FoundDelivery {
  readonly id: string;
  /** Empty if its data cannot be read. */
  readonly connection: string;
  readonly topic: string;
  readonly state: Whereabouts['state'];
  /** When it was delivered, died or was discarded, else when it was received; in milliseconds since the epoch. */
  readonly at: number;
  /** Of a delivered one, at Botpress; not of what becomes no event. */
  readonly eventId?: string;
  /** Of a dead or discarded one. */
  readonly reason?: DeadReason;
}

/** Keys a round trip. */
const PAGE = 500;

/**
 * Searches all stored deliveries, whatever their state, for those that have all of these values in their payload. It
 * looks at each once, and lets others get on in between. What is neither dead nor shorter than 1 kB has to be inflated
 * to be known (`bench/results/dead-letters.md` says how long that takes).
 *
 * @param terms at least one
 * @returns those received last first, at most `limit`
 */
async function findDeliveries(
  { queue, redis }: { readonly queue: DeliveryQueue; readonly redis: RedisConnection },
  terms: readonly PayloadTerm[],
  { limit }: { readonly limit: number },
): Promise<readonly FoundDelivery[]> {
  const place = { redis, keyPrefix: queue.toKey('') };
  const found: string[] = [];
  for await (const ids of scanIds(redis, place.keyPrefix, PAGE)) {
    const candidates = await pick(place, ids, terms);
    const verified = await searchPayloads(place, candidates, terms);
    found.push(...verified);
  }
  // An id begins with the time at which it was made; one that changed its state may have come twice.
  const newest = [...new Set(found)].sort().reverse().slice(0, limit);
  const records = await Promise.all(newest.map((id) => readRecord({ queue, redis }, id)));
  return records.flatMap((record) => (record ? [inShort(record)] : []));
}

async function pick(
  { redis, keyPrefix }: { readonly redis: RedisConnection; readonly keyPrefix: string },
  ids: readonly string[],
  having: readonly PayloadTerm[],
): Promise<readonly string[]> {
  const criteria = JSON.stringify(toCriteria({ having }));
  const found: string[] = [];
  for (let from = 0; from < ids.length; ) {
    const args = [criteria, LOOKS, ids.length, 'ids', ...ids.slice(from)];
    const [looked, some] = (await redis.eval(PICK, 1, keyPrefix, ...args)) as [number, readonly string[]];
    found.push(...some);
    from += looked;
  }
  return found;
}

function inShort({ id, topic, reading, where }: DeliveryRecord): FoundDelivery {
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
