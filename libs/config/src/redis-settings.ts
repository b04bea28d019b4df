import type { Environment } from './environment.ts';
import type { EnvironmentReader } from './environment-reader.ts';
import { parseUrl } from './parse-url.ts';
import { upTo } from './ranges.ts';
import { readEnvironment } from './read-environment.ts';
import { Secret } from './secret.ts';

export interface RedisSettings {
  /** `redis://`, `rediss://`, of a cluster `redis+cluster://`, or the path of a Unix socket; it may hold a password. */
  readonly url: Secret;
  /** The same without user and password, for logs. */
  readonly displayUrl: string;
  /** Prefix of the queue's keys, in braces: on a cluster all of them share one slot. */
  readonly queuePrefix: string;
  /** How many queues the deliveries are spread over, by bot; on a cluster each has a slot of its own. */
  readonly shards: number;
}

/**
 * Reads REDIS_URL, SLUICE_QUEUE_PREFIX and SLUICE_SHARDS.
 *
 * @throws ConfigError with all problems together
 */
export function readRedisSettings(env: Environment = process.env): RedisSettings {
  return readEnvironment(env, redisSettings);
}

/** The same, as a part of an app's settings. */
export function redisSettings(reader: EnvironmentReader): RedisSettings {
  const url = reader.text('REDIS_URL', {
    default: 'redis://127.0.0.1:6379',
    problem: redisUrlProblem,
    wanted:
      'redis://[user:password@]host:port[/db], the same with rediss:// for TLS, redis+cluster://[user:password@]host:port,host:port of a cluster, or the path of a Unix socket',
  });
  const queuePrefix = reader.text('SLUICE_QUEUE_PREFIX', {
    default: '{sluice}',
    problem: (prefix) =>
      /^\{[\w.:-]{1,100}\}$/.test(prefix) ? undefined : 'is not a name in braces (letters, digits, . : _ -)',
    wanted: 'a name like {sluice}, braces included',
  });
  const shards = reader.integer('SLUICE_SHARDS', upTo(64, 1, 'shards'));
  return { url: new Secret(url), displayUrl: displayUrl(url), queuePrefix, shards };
}

function redisUrlProblem(text: string): string | undefined {
  if (text.startsWith('/')) return undefined;
  const nodes = clusterNodes(text);
  if (!nodes) return addressProblem(text);
  const problem = nodes.map(addressProblem).find((found) => found !== undefined);
  return (
    problem ??
    (nodes.some((node) => parseUrl(node)?.pathname) ? 'has a database, which a cluster has not' : undefined)
  );
}

function addressProblem(text: string): string | undefined {
  const url = parseUrl(text);
  // Never quote it: an address that does not parse may still hold a password.
  if (!url) return 'is not an address (a password with special characters must be percent-encoded)';
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:')
    return `${url.protocol}// is not a Redis address`;
  if (!url.hostname) return 'names no host';
  if (!/^(\/\d*)?$/.test(url.pathname)) return 'has a database that is not a number';
  return undefined;
}

/** The nodes that the address of a cluster names, each as an address of its own; undefined if it is of one Redis. */
function clusterNodes(text: string): readonly string[] | undefined {
  const [, scheme, nodes] = /^(rediss?)\+cluster:\/\/(.*)$/s.exec(text) ?? [];
  return nodes?.split(',').map((node) => `${scheme}://${node}`);
}

function displayUrl(text: string): string {
  if (text.startsWith('/')) return text;
  const [scheme = ''] = text.split('://');
  const nodes = clusterNodes(text);
  if (nodes) return `${scheme}://${nodes.map((node) => parseUrl(node)?.host ?? '[invalid]').join(',')}`;
  const url = parseUrl(text);
  return url ? `${url.protocol}//${url.host}${url.pathname}` : '[invalid]';
}
