import type { PayloadTerm } from '../dead-letters/filter-schema.ts';
import { openReachableQueue } from '../reachable-queue.ts';
import { eachShard, type ShardedOptions } from '../shards/each-shard.ts';
import { type FoundDelivery, findDeliveries } from './find-deliveries.ts';
import { type DeliveryRecord, readRecord } from './read-record.ts';

/** What an operator may ask of deliveries, whatever their state. */
export interface Deliveries {
  /** Resolves when Redis has been reached; never rejects. What is asked before fails. */
  readonly reached: Promise<void>;
  /** All that is known of one; undefined if it is not kept any more, or never was. */
  read(id: string): Promise<DeliveryRecord | undefined>;
  /** Those that have all of these values in their payload, received last first. It looks at every one stored. */
  find(terms: readonly PayloadTerm[], options: { readonly limit: number }): Promise<readonly FoundDelivery[]>;
  close(): Promise<void>;
}

/** Opens the deliveries of all shards; a Redis that is down makes what is asked fail, not wait. */
export function openDeliveries(options: ShardedOptions): Deliveries {
  const { all, reached, close } = eachShard(options, openReachableQueue);
  const places = () => all().map(({ getOrThrow, redis }) => ({ queue: getOrThrow(), redis }));
  return {
    reached,
    close,
    async find(terms, options) {
      const found = await Promise.all(places().map((place) => findDeliveries(place, terms, options)));
      // An id begins with the time at which it was made.
      return found
        .flat()
        .sort((one, other) => (one.id < other.id ? 1 : -1))
        .slice(0, options.limit);
    },
    async read(id) {
      const records = await Promise.all(places().map((place) => readRecord(place, id)));
      return records.find((record) => record !== undefined);
    },
  };
}
