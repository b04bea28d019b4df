import type { Enqueuer } from '../enqueuer.ts';
import { openProducer, type Producer, type ProducerOptions } from '../producer.ts';
import type { Refusal } from '../refusal.ts';
import { eachShard, type ShardedOptions } from './each-shard.ts';
import { shardOf } from './shard-of.ts';

export interface ProducersOptions
  extends Omit<ProducerOptions, 'onShedding'>,
    Pick<ShardedOptions, 'shards'> {
  /** Told of a shard when its Redis is away or silent or a mark is passed, and with undefined when that is over. */
  readonly onShedding: (refusal: Refusal | undefined, shard: number) => void;
}

/** The side of the queue that ingest holds, in all shards. */
export interface Producers {
  /** What enqueues the deliveries for a bot. */
  enqueuerFor(botId: string): Enqueuer;
  /** Why nothing would be enqueued now, whatever the bot, if so. */
  refusal(): Refusal | undefined;
  /** How full the fullest Redis was when it was last asked; undefined before the first time. */
  memoryRatio(): number | undefined;
  /** Resolves when all shards have been reached for the first time; never rejects. */
  readonly reached: Promise<void>;
  close(): Promise<void>;
}

/** Opens all shards for enqueueing; a Redis that is down makes enqueues into its shards fail, not wait. */
export function openProducers(options: ProducersOptions): Producers {
  let opened = 0;
  const sharded = { ...options, url: options.redisUrl, name: 'sluice-ingest' };
  const { all, reached, close } = eachShard(sharded, ({ prefix }): Producer => {
    const shard = opened++;
    return openProducer({ ...options, prefix, onShedding: (refusal) => options.onShedding(refusal, shard) });
  });
  return {
    enqueuerFor(botId) {
      const producers = all();
      return (producers[shardOf(botId, producers.length)] as Producer).enqueuer;
    },
    refusal() {
      const refusals = all().map((producer) => producer.refusal());
      return refusals.includes(undefined) ? undefined : refusals[0];
    },
    memoryRatio() {
      const ratios = all().flatMap((producer) => producer.load()?.memoryRatio ?? []);
      return ratios.length > 0 ? Math.max(...ratios) : undefined;
    },
    reached,
    close,
  };
}
