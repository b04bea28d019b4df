import { type RedisLoad, readRedisLoad } from '../bullmq/queue-load.ts';
import { shardOf, shardPrefix } from '../sharding/placement.ts';
import { openShard, type Shard } from '../sharding/shard.ts';
import { watchShardCount } from '../sharding/shard-count.ts';
import { type EnqueueRejection, LoadMonitor } from './admission.ts';
import { Enqueuer } from './enqueuer.ts';

export interface ProducerOptions {
  readonly redisUrl: string;
  /** Prefix of all keys, in braces, so that Redis Cluster keeps the queue's keys together. */
  readonly prefix: string;
  /** Milliseconds after which an enqueue fails. */
  readonly deadline: number;
  /** Deliveries and bytes that may be on their way to Redis; more are rejected at once. */
  readonly maxPending: number;
  readonly maxPendingBytes: number;
  /** Deliveries that have not ended, and percentage of Redis' maxmemory; above either, all are rejected. */
  readonly maxBacklog: number;
  readonly memoryWatermarkPercent: number;
  /** Replicas that must have a delivery before it counts as stored; 0 by default. */
  readonly waitReplicas?: number;
  /** Called when shedding starts or its reason changes, and with `undefined` when it ends. */
  readonly onShedding: (refusal: EnqueueRejection | undefined) => void;
  readonly onError: (error: Error) => void;
}

/** The enqueueing side of one shard. */
export interface Producer {
  readonly enqueuer: Enqueuer;
  /** Returns why an enqueue would be rejected now, if it would. */
  refusal(): EnqueueRejection | undefined;
  /** Whether an enqueue would be attempted now. */
  isReady(): boolean;
  /** Returns the load of Redis when it was last read, at most about a second ago; `undefined` before the first read. */
  load(): RedisLoad | undefined;
  /** Resolves when Redis has been reached for the first time; never rejects. */
  readonly reached: Promise<void>;
  close(): Promise<void>;
}

/** Share of the deadline, so that a lagging replica is reported as the reason and not the deadline. */
const REPLICAS_SHARE = 0.75;

/** Opens one shard for enqueueing. Enqueues fail immediately while Redis is down. */
export function openProducer(options: ProducerOptions): Producer {
  return createProducer(openShardFor(options, options.prefix), options);
}

function openShardFor(
  { redisUrl, deadline, waitReplicas = 0, onError }: Omit<ProducerOptions, 'onShedding'>,
  prefix: string,
): Shard {
  return openShard({
    ...{ url: redisUrl, name: 'sluice-ingest', prefix, onError },
    waitReplicas,
    waitTimeout: Math.max(1, Math.floor(REPLICAS_SHARE * deadline)),
  });
}

function createProducer(shard: Shard, options: ProducerOptions): Producer {
  const monitor = new LoadMonitor({
    memoryPercent: options.memoryWatermarkPercent,
    maxBacklog: options.maxBacklog,
    deadline: options.deadline,
    read: () => readLoad(shard),
    isReachable: () => shard.context() !== undefined,
    onChange: options.onShedding,
  });
  void shard.reached.then(() => monitor.check());
  const refusal = () => monitor.refusal;
  const { countIgnored } = shard;
  return {
    enqueuer: new Enqueuer({ ...options, queue: () => shard.context()?.queue, refusal, countIgnored }),
    refusal,
    isReady: () => refusal() === undefined,
    load: () => monitor.load,
    reached: shard.reached,
    close: async () => {
      monitor.close();
      await shard.close();
    },
  };
}

function readLoad(shard: Shard): Promise<RedisLoad> | undefined {
  const context = shard.context();
  return context && readRedisLoad(context.redis, context.keyPrefix);
}

export interface ProducersOptions extends Omit<ProducerOptions, 'onShedding'> {
  /** Shards to write into; all other processes learn of them. */
  readonly shards: number;
  /** Called when a shard starts to shed or its reason changes, and with `undefined` when it stops. */
  readonly onShedding: (refusal: EnqueueRejection | undefined, shard: number) => void;
}

/** The enqueueing side of the queue, in all shards. */
export interface Producers {
  /** Returns the enqueuer of a bot's deliveries. */
  enqueuerFor(botId: string): Enqueuer;
  /** Returns why the enqueues of all bots would be rejected now, if they would. */
  refusal(): EnqueueRejection | undefined;
  /** Returns the memory ratio of the fullest Redis when it was last read; `undefined` before the first read. */
  memoryRatio(): number | undefined;
  /** Resolves when all shards have been reached for the first time; never rejects. */
  readonly reached: Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens shards for enqueueing: exactly as many as configured, without former ones that are only consumed. Enqueues fail
 * immediately while the Redis of their shard is down.
 */
export function openProducers({ shards: wanted, onShedding, ...options }: ProducersOptions): Producers {
  const { prefix, onError } = options;
  const shards = Array.from({ length: wanted }, (_, index) =>
    openShardFor(options, shardPrefix(prefix, index)),
  );
  const producers = shards.map((shard, index) =>
    createProducer(shard, { ...options, onShedding: (refusal) => onShedding(refusal, index) }),
  );
  const { redis } = shards[0] as Shard;
  const count = watchShardCount({ redis, prefix, wanted, announces: true, onError });
  return {
    enqueuerFor: (botId) => (producers[shardOf(botId, producers.length)] as Producer).enqueuer,
    refusal() {
      const refusals = producers.map((producer) => producer.refusal());
      return refusals.includes(undefined) ? undefined : refusals[0];
    },
    memoryRatio() {
      const ratios = producers.flatMap((producer) => producer.load()?.memoryRatio ?? []);
      return ratios.length > 0 ? Math.max(...ratios) : undefined;
    },
    reached: Promise.all(producers.map(({ reached }) => reached)).then(() => {}),
    async close() {
      await count.close();
      await Promise.all(producers.map((producer) => producer.close()));
    },
  };
}
