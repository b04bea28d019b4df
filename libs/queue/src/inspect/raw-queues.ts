import { type RawQueue, toRawQueue } from '../bullmq/open-queue.ts';
import type { Shards } from '../sharding/across-shards.ts';

/** BullMQ's own view of the queue. */
export interface RawQueues {
  /** One for each shard that can be reached now. */
  all(): readonly RawQueue[];
}

/** Returns the queue as BullMQ knows it, for BullMQ's own tools. Changes made that way bypass the ledger. */
export function createRawQueues(shards: Shards): RawQueues {
  return {
    all: () =>
      shards.all().flatMap((shard) => {
        const context = shard.context();
        return context ? [toRawQueue(context.queue)] : [];
      }),
  };
}
