import { Cluster, Redis, type RedisOptions } from 'ioredis';

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
  if (redis instanceof Redis) batchWritesPerTick(redis);
  else redis.on('+node', batchWritesPerTick);
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

export interface ClusterConnectionOptions {
  /** Of the connection to each node. */
  readonly redisOptions: Required<
    Pick<
      RedisOptions,
      'connectTimeout' | 'socketTimeout' | 'keepAlive' | 'maxRetriesPerRequest' | 'connectionName'
    >
  >;
  /** Whether what is asked waits for a cluster, or a node of it, that is away. */
  readonly waits: boolean;
  readonly retryStrategy: (times: number) => number;
}

/** Milliseconds between two tries to reach the node that a command is for. */
const RETRY_DELAY = 100;

/** How often what does not wait is tried, or sent on to where a slot has moved: for half a second or so. */
const TRIES = 5;

/**
 * Connects to a cluster. Each command goes to the node that has its keys; one whose node is away is tried again, since
 * another may have taken its place.
 */
function connectCluster(
  { nodes, username, password, isEncrypted }: ClusterUrl,
  { redisOptions, waits, retryStrategy }: ClusterConnectionOptions,
): Cluster {
  return new Cluster([...nodes], {
    // Also for what does not wait. Without it ioredis refuses the first command of a transaction where it would go to a
    // node that is just being connected, and gives the rest to another, as something that was sent and never is: from
    // then on each answer of that node goes to the command before, and a PONG to an enqueue (ADR 18).
    enableOfflineQueue: true,
    maxRedirections: waits ? Number.MAX_SAFE_INTEGER : TRIES,
    retryDelayOnFailover: RETRY_DELAY,
    retryDelayOnClusterDown: RETRY_DELAY,
    clusterRetryStrategy: retryStrategy,
    // A certificate is of a name, which must not be looked up before.
    ...(isEncrypted && { dnsLookup: (address, callback) => callback(null, address) }),
    redisOptions: {
      ...redisOptions,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(isEncrypted && { tls: {} }),
    },
  });
}

/** Where a cluster's nodes are, of which it tells the rest itself, and who asks. */
export interface ClusterUrl {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly username?: string;
  readonly password?: string;
  readonly isEncrypted: boolean;
}

/**
 * Reads `redis+cluster://[user:password@]host:port[,host:port…]`, and the same with `rediss` for TLS.
 *
 * @returns undefined if it is the address of one Redis
 */
function readClusterUrl(url: string): ClusterUrl | undefined {
  const [, scheme, rest] = /^(rediss?)\+cluster:\/\/(.*)$/s.exec(url) ?? [];
  if (!scheme || !rest) return undefined;
  const urls = rest.split(',').map((node) => new URL(`redis://${node}`));
  const { username = '', password = '' } = urls[0] ?? {};
  return {
    nodes: urls.map(({ hostname, port }) => ({ host: bare(hostname), port: Number(port || 6379) })),
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    isEncrypted: scheme === 'rediss',
  };
}

/** Without the brackets of an IPv6 address. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/**
 * Lets commands that are sent in the same turn of the event loop go out in one write: what many deliveries that
 * are worked on at once have to say is one system call, and one for Redis to read it. For events of an API that answers
 * at once it saves a worker 11 % of its CPU, and Redis 22 %.
 */
export function batchWritesPerTick(redis: Redis): void {
  const send: Redis['sendCommand'] = redis.sendCommand.bind(redis);
  let isCorked = false;
  redis.sendCommand = (...args) => {
    const { stream } = redis;
    if (!isCorked && stream) {
      isCorked = true;
      stream.cork();
      setImmediate(() => {
        isCorked = false;
        stream.uncork();
      });
    }
    return send(...args);
  };
}
