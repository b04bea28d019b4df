import { Cluster, type RedisOptions } from 'ioredis';
import type { ClusterUrl } from './read-cluster-url.ts';

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
export function connectCluster(
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
