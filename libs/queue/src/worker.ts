import type { TransitionContext } from './bullmq/context.ts';
import {
  type Consumer,
  type ConsumerContext,
  type ConsumerOptions,
  consumeDeliveries,
} from './consume/consumer.ts';
import { consumeShards, type ShardedConsumer, type ShardedConsumerOptions } from './consume/consumers.ts';
import { Retention, type RetentionLimits, type Sweep } from './dead-letters/retention.ts';
import type { BackgroundLoop } from './redis/background-task.ts';
import { toError } from './redis/to-error.ts';
import { createReplays } from './replays/replays.ts';
import { ReplayRunner, type ReplayStepResult } from './replays/runner.ts';
import { Dispatcher } from './scheduler/dispatcher.ts';
import type { Shards } from './sharding/across-shards.ts';
import { StatusSweep, type SweepStatuses } from './statuses/status-sweep.ts';

/** What the background loops of a worker report. */
export interface LoopOptions {
  /** Called when a replay completes or pauses itself. */
  readonly onReplayEnded?: (ended: ReplayStepResult) => void;
  /** Retention limits of dead letters; without them they are kept indefinitely. */
  readonly retention?: RetentionLimits;
  /** Called after each sweep over the dead letters that this process makes. */
  readonly onSwept?: (sweep: Sweep) => void;
  /** Looks up the statuses of created events. Without it, awaiting events are neither looked up nor dropped. */
  readonly statusSweep?: {
    readonly sweep: SweepStatuses;
    /** Milliseconds between two sweeps, and for which a status is awaited. */
    readonly interval: number;
    readonly maxAge: number;
  };
}

export interface WorkerOptions extends Omit<ShardedConsumerOptions, 'loops'>, LoopOptions {}

/** Starts a worker on all shards: it consumes deliveries, dispatches permits, runs replays and expires dead letters. */
export function startWorker(options: WorkerOptions): ShardedConsumer {
  const { shards, onReplayEnded, retention, onSwept, statusSweep, ...consuming } = options;
  const onEnded = (ended: ReplayStepResult) => {
    onReplayEnded?.(ended);
    if (ended.became !== 'paused' || shards.all().length === 1) return;
    pauseInAllShards(shards, ended).catch((error: unknown) => options.onError(toError(error)));
  };
  const loops = (context: ConsumerContext) =>
    createLoops(context, {
      onReplayEnded: onEnded,
      ...(retention && { retention }),
      ...(onSwept && { onSwept }),
      ...(statusSweep && { statusSweep }),
      keepDelivered: options.keepDelivered,
    });
  return consumeShards({ ...consuming, shards, loops });
}

/** A replay that pauses itself in one shard would let as many deliveries die in each of the others. */
async function pauseInAllShards(shards: Shards, { replay, why = '' }: ReplayStepResult): Promise<void> {
  await shards.reached;
  await createReplays(shards).pause(replay.id, { who: 'sluice', reason: why }, 'failures');
}

export interface ShardWorkerOptions extends Omit<ConsumerOptions, 'loops'>, LoopOptions {}

/** Starts a worker on one shard. */
export function startShardWorker(options: ShardWorkerOptions): Consumer {
  return consumeDeliveries({ ...options, loops: (context) => createLoops(context, options) });
}

function createLoops(
  { onError, ...consumer }: ConsumerContext,
  {
    onReplayEnded = () => {},
    retention = {},
    onSwept = () => {},
    statusSweep,
    keepDelivered,
  }: LoopOptions & Pick<ConsumerOptions, 'keepDelivered'>,
): readonly BackgroundLoop[] {
  const { backend } = consumer;
  const context = { ...consumer, now: Date.now } satisfies TransitionContext;
  return [
    new Dispatcher({ backend, onError }),
    new ReplayRunner({ ...context, onEnded: onReplayEnded, onError }),
    new Retention({ ...context, limits: retention, onSwept, onError }),
    ...(statusSweep ? [new StatusSweep({ ...context, ...statusSweep, keepDelivered, onError })] : []),
  ];
}
