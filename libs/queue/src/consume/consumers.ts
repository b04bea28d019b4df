import { toError } from '../redis/to-error.ts';
import { openReplays } from '../replays/replays.ts';
import type { ReplayStepResult } from '../replays/runner.ts';
import { eachShard, type ShardedOptions } from '../sharding/across-shards.ts';
import { type Consumer, type ConsumerOptions, consumeDeliveries } from './consumer.ts';

/** What works on the deliveries of a shard. */
export interface ShardWork {
  readonly process: ConsumerOptions['process'];
  /** Closes what it has opened for that. */
  close(): Promise<void>;
}

export interface ShardedConsumerOptions
  extends Omit<ConsumerOptions, 'process'>,
    Required<Pick<ShardedOptions, 'shards'>> {
  /** Opens what works on the deliveries of a shard, by the prefix of its keys. */
  readonly open: (prefix: string) => ShardWork;
}

/** The side of the queue that the worker holds, in all shards. */
export interface ShardedConsumer extends Consumer {
  /** Begins with the shards that were added. */
  grow(): void;
}

/** Takes deliveries out of all shards, of which each gets the same part of this process' concurrency. */
export function consumeShards(options: ShardedConsumerOptions): ShardedConsumer {
  const { redisUrl, concurrency, shards, open } = options;
  const sharded = { ...options, url: redisUrl, name: 'sluice-worker' };
  const onReplayEnded = (ended: ReplayStepResult) => {
    options.onReplayEnded?.(ended);
    if (ended.became === 'paused' && shards() > 1) {
      pauseEverywhere(sharded, ended).catch((error: unknown) => options.onError(toError(error)));
    }
  };
  const { all, close } = eachShard(sharded, ({ prefix }) => {
    const work = open(prefix);
    const consumer = consumeDeliveries({
      ...options,
      prefix,
      concurrency: Math.ceil(concurrency / shards()),
      process: work.process,
      onReplayEnded,
    });
    return {
      consumer,
      async close() {
        await consumer.close();
        await work.close();
      },
    };
  });
  return {
    isRunning: () => all().every(({ consumer }) => consumer.isRunning()),
    grow: () => void all(),
    close,
  };
}

/** A replay that pauses by itself in one shard would let as many die in each of the others. */
async function pauseEverywhere(
  options: ShardedOptions,
  { replay, why = '' }: ReplayStepResult,
): Promise<void> {
  const replays = openReplays(options);
  await replays.reached;
  await replays.pause(replay.id, { who: 'sluice', reason: why }, 'failures');
  await replays.close();
}
