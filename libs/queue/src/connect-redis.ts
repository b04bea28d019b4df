import { type Cluster, Redis, type RedisOptions } from 'ioredis';
import { connectCluster } from './connect-cluster.ts';
import { corkTurns } from './cork-turns.ts';
import { readClusterUrl } from './read-cluster-url.ts';

/** A Redis, or a cluster of them, which is asked alike as long as all keys of a question are of one slot. */
export type RedisConnection = Redis | Cluster;

export interface RedisConnectionOptions {
  /** `redis://…`, or of a cluster `redis+cluster://…`. */
  readonly url: string;
  /** Shown in Redis' CLIENT LIST. */
  readonly name: string;
  /** Gets every connection error; without a listener an error would end the process. */
  readonly onError: (error: Error) => void;
}

/** Milliseconds. A half-open connection is noticed within 13 s; by default not within 60 s (measured). */
const SOCKET_TIMEOUT = 8_000;

/**
 * Milliseconds between two signs of life. The time of a socket that swallows all runs from the first thing that is
 * asked over it: without these each connection of a worker would be noticed only when it is needed, one after the
 * other (row 12 of the fault matrix: 16 to 25 s).
 */
const HEARTBEAT = 2_000;

/** Milliseconds. ioredis' and BullMQ's own back-off let a worker wait 18 s after a 20 s outage. */
const MAX_RECONNECT_DELAY = 2_000;

type Patience = Pick<RedisOptions, 'enableOfflineQueue'> &
  Required<Pick<RedisOptions, 'maxRetriesPerRequest'>>;

const shared = {
  connectTimeout: 5_000,
  socketTimeout: SOCKET_TIMEOUT,
  keepAlive: 10_000,
} satisfies RedisOptions;

const retryStrategy = (times: number) => Math.min(50 * 2 ** Math.min(times, 10), MAX_RECONNECT_DELAY);

/**
 * Connects what enqueues. It fails fast: a command that cannot be written now is refused now, and one that
 * was written when the connection broke fails then. The offline queue is unbounded, so it is off.
 */
export function connectProducer(options: RedisConnectionOptions): RedisConnection {
  return connect(options, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
}

/**
 * Connects what consumes. It waits for Redis to come back, as long as that takes. What it sends in one turn of the event
 * loop goes out in one write.
 */
export function connectConsumer(options: RedisConnectionOptions): RedisConnection {
  const redis = connect(options, { maxRetriesPerRequest: null });
  if (redis instanceof Redis) corkTurns(redis);
  else redis.on('+node', corkTurns);
  return redis;
}

function connect({ url, name, onError }: RedisConnectionOptions, patience: Patience): RedisConnection {
  const { enableOfflineQueue = true, maxRetriesPerRequest } = patience;
  const options = { ...shared, maxRetriesPerRequest, connectionName: name };
  const cluster = readClusterUrl(url);
  if (!cluster) {
    const redis = new Redis(url, { ...options, enableOfflineQueue, retryStrategy });
    redis.on('error', onError);
    beat(redis);
    return redis;
  }
  const redis = connectCluster(cluster, { redisOptions: options, waits: enableOfflineQueue, retryStrategy });
  redis.on('error', onError);
  redis.on('node error', onError);
  redis.on('+node', beat);
  return redis;
}

/** Asks a connection for a sign of life, again and again until it is closed; never two at once. */
function beat(redis: Redis): void {
  let isAsked = false;
  const timer = setInterval(async () => {
    if (isAsked || redis.status !== 'ready') return;
    isAsked = true;
    // What went wrong is told by `error`.
    await redis.ping().catch(() => {});
    isAsked = false;
  }, HEARTBEAT).unref();
  redis.once('end', () => clearInterval(timer));
}

/** Resolves when Redis has been reached for the first time; never rejects. */
export function reachedOf(redis: RedisConnection): Promise<void> {
  return new Promise((resolve) => {
    redis.once('ready', () => resolve());
  });
}
