import { openDeliveryQueue, type RawQueue, toRawQueue } from '../bullmq/open-queue.ts';
import { eachShard, type ShardedOptions } from '../sharding/across-shards.ts';

/** BullMQ's own view of the queue. */
export interface RawQueues {
  /** One for each shard that can be reached now. */
  all(): readonly RawQueue[];
  close(): Promise<void>;
}

/** Opens the queue as BullMQ knows it, for tools of BullMQ's that look at it. What changes it that way goes by the ledger. */
export function openRawQueues(options: ShardedOptions): RawQueues {
  const { all, close } = eachShard(options, openDeliveryQueue);
  return {
    all: () =>
      all()
        .flatMap(({ get }) => get() ?? [])
        .map(toRawQueue),
    close,
  };
}
