import { perShard, type Shards } from '../sharding/across-shards.ts';
import { type Consumer, type ConsumerOptions, consumeDeliveries } from './consumer.ts';

/** Processes the deliveries of one shard. */
export interface ShardWork {
  readonly process: ConsumerOptions['process'];
  /** Closes what the processing has opened. */
  close(): Promise<void>;
}

export interface ShardedConsumerOptions extends Omit<ConsumerOptions, 'prefix' | 'process'> {
  readonly shards: Shards;
  /** Opens the processing of a shard, by the prefix of its keys. */
  readonly open: (prefix: string) => ShardWork;
}

/** Consumes the deliveries of all shards. */
export interface ShardedConsumer extends Consumer {
  /** Starts with the shards that were added since. */
  grow(): void;
}

/** Consumes the deliveries of all shards; each gets the same share of this process' concurrency. */
export function consumeShards({ shards, open, ...options }: ShardedConsumerOptions): ShardedConsumer {
  const consumers = perShard(shards, ({ prefix }) => {
    const work = open(prefix);
    const consumer = consumeDeliveries({
      ...options,
      prefix,
      concurrency: Math.ceil(options.concurrency / shards.all().length),
      process: work.process,
    });
    return {
      consumer,
      async close() {
        await consumer.close();
        await work.close();
      },
    };
  });
  consumers();
  return {
    isRunning: () => consumers().every(({ consumer }) => consumer.isRunning()),
    grow: () => void consumers(),
    async close() {
      await Promise.all(consumers().map(({ close }) => close()));
    },
  };
}
