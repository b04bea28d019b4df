import { type RawQueue, toRawQueue } from '../bullmq/open-queue.ts';
import type { Shards } from '../sharding/across-shards.ts';

/** BullMQ's own view of the queue. */
export interface RawQueues {
  /** Returns one queue per shard that can be reached now. */
  all(): readonly RawQueue[];
}

/** Returns the queue for BullMQ's own tools. Changes made with them bypass the ledger. */
export function createRawQueues(shards: Shards): RawQueues {
  return {
    all: () =>
      shards.all().flatMap((shard) => {
        const context = shard.context();
        return context ? [toRawQueue(context.queue)] : [];
      }),
  };
}
