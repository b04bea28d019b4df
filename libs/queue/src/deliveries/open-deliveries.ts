import type { RedisConnectionOptions } from '../connect-redis.ts';
import type { PayloadTerm } from '../dead-letters/filter-schema.ts';
import { openReachableQueue } from '../reachable-queue.ts';
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

/** Opens the deliveries; a Redis that is down makes what is asked fail, not wait. */
export function openDeliveries(options: RedisConnectionOptions & { readonly prefix: string }): Deliveries {
  const { getOrThrow, redis, reached, close } = openReachableQueue(options);
  return {
    reached,
    close,
    find: async (terms, options) => findDeliveries({ queue: getOrThrow(), redis }, terms, options),
    read: async (id) => readRecord({ queue: getOrThrow(), redis }, id),
  };
}
