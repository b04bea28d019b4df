import { Redis, type RedisOptions } from 'ioredis';

export interface RedisConnectionOptions {
  readonly url: string;
  /** Shown in Redis' CLIENT LIST. */
  readonly name: string;
  /** Gets every connection error; without a listener an error would end the process. */
  readonly onError: (error: Error) => void;
}

/** Milliseconds. A half-open connection is noticed within 13 s; by default not within 60 s (measured). */
const SOCKET_TIMEOUT = 8_000;

/** Milliseconds. ioredis' and BullMQ's own back-off let a worker wait 18 s after a 20 s outage. */
const MAX_RECONNECT_DELAY = 2_000;

type Patience = Pick<RedisOptions, 'enableOfflineQueue' | 'maxRetriesPerRequest'>;

const shared = {
  connectTimeout: 5_000,
  socketTimeout: SOCKET_TIMEOUT,
  keepAlive: 10_000,
  retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 10), MAX_RECONNECT_DELAY),
} satisfies RedisOptions;

/**
 * Connects what enqueues. It fails fast: a command that cannot be written now is refused now, and one that
 * was written when the connection broke fails then. The offline queue is unbounded, so it is off.
 */
export function connectProducer(options: RedisConnectionOptions): Redis {
  return connect(options, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
}

/** Connects what consumes. It waits for Redis to come back, as long as that takes. */
export function connectConsumer(options: RedisConnectionOptions): Redis {
  return connect(options, { maxRetriesPerRequest: null });
}

function connect({ url, name, onError }: RedisConnectionOptions, patience: Patience): Redis {
  const redis = new Redis(url, { ...shared, ...patience, connectionName: name });
  redis.on('error', onError);
  return redis;
}
