import { type DeliveryQueueHandle, openDeliveryQueue } from '../bullmq/open-queue.ts';
import { type RedisLoad, readRedisLoad } from '../bullmq/queue-load.ts';
import { eachShard, type ShardedOptions } from '../sharding/across-shards.ts';
import { shardOf } from '../sharding/shard.ts';
import { LoadMonitor } from './admission.ts';
import { type EnqueueRejection, Enqueuer } from './enqueuer.ts';

export interface ProducerOptions {
  readonly redisUrl: string;
  /** Of all keys, in braces, so that Redis Cluster keeps the queue's keys together. */
  readonly prefix: string;
  /** Milliseconds until an enqueue is given up. */
  readonly deadline: number;
  /** Deliveries and bytes that may be on their way to Redis; more are refused at once. */
  readonly maxPending: number;
  readonly maxPendingBytes: number;
  /** Deliveries that have not ended, and part of Redis' maxmemory; above either all are refused. */
  readonly maxBacklog: number;
  readonly memoryWatermarkPercent: number;
  /** How many replicas must have a delivery before it counts as stored; 0 by default. */
  readonly waitReplicas?: number;
  /** Told when Redis is away or silent or a mark is passed, and with undefined when that is over. */
  readonly onShedding: (refusal: EnqueueRejection | undefined) => void;
  readonly onError: (error: Error) => void;
}

/** The side of the queue that ingest holds. */
export interface Producer {
  readonly enqueuer: Enqueuer;
  /** Why an enqueue would be refused now, if so. */
  refusal(): EnqueueRejection | undefined;
  /** Whether an enqueue would be tried now. */
  isReady(): boolean;
  /** What Redis held when it was last asked, a second ago or less; undefined before the first time. */
  load(): RedisLoad | undefined;
  /** Resolves when Redis has been reached for the first time; never rejects. */
  readonly reached: Promise<void>;
  close(): Promise<void>;
}

/** Of the deadline: so that a replica that lags is what an enqueue is refused for, and not the time. */
const REPLICAS_SHARE = 0.75;

/** Opens the queue for enqueueing; a Redis that is down makes enqueues fail, not wait. */
export function openProducer(options: ProducerOptions): Producer {
  const { redisUrl, prefix, deadline, waitReplicas = 0, onError } = options;
  const queue = openDeliveryQueue({
    ...{ url: redisUrl, name: 'sluice-ingest', prefix, onError },
    waitReplicas,
    waitTimeout: Math.max(1, Math.floor(REPLICAS_SHARE * deadline)),
  });
  const watch = new LoadMonitor({
    memoryPercent: options.memoryWatermarkPercent,
    maxBacklog: options.maxBacklog,
    deadline,
    read: () => readLoad(queue),
    isReachable: () => queue.get() !== undefined,
    onChange: options.onShedding,
  });
  void queue.reached.then(() => watch.look());
  const refusal = () => watch.refusal;
  return {
    enqueuer: new Enqueuer({ ...options, queue: queue.get, refusal, countIgnored: queue.countIgnored }),
    refusal,
    isReady: () => refusal() === undefined,
    load: () => watch.load,
    reached: queue.reached,
    close: async () => {
      watch.close();
      await queue.close();
    },
  };
}

function readLoad({ get, redis }: DeliveryQueueHandle): Promise<RedisLoad> | undefined {
  const queue = get();
  return queue && readRedisLoad(redis, queue.toKey(''));
}

export interface ProducersOptions
  extends Omit<ProducerOptions, 'onShedding'>,
    Pick<ShardedOptions, 'shards'> {
  /** Told of a shard when its Redis is away or silent or a mark is passed, and with undefined when that is over. */
  readonly onShedding: (refusal: EnqueueRejection | undefined, shard: number) => void;
}

/** The side of the queue that ingest holds, in all shards. */
export interface Producers {
  /** What enqueues the deliveries for a bot. */
  enqueuerFor(botId: string): Enqueuer;
  /** Why nothing would be enqueued now, whatever the bot, if so. */
  refusal(): EnqueueRejection | undefined;
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
