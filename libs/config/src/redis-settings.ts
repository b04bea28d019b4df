import type { Environment } from './environment.ts';
import type { EnvironmentReader } from './environment-reader.ts';
import { parseUrl } from './parse-url.ts';
import { readEnvironment } from './read-environment.ts';
import { Secret } from './secret.ts';

export interface RedisSettings {
  /** `redis://`, `rediss://` or the path of a Unix socket; a Secret, as it may hold a password. */
  readonly url: Secret;
  /** The same without user and password, for logs. */
  readonly displayUrl: string;
  /** Prefix of the queue's keys, in braces: on a cluster all of them share one slot. */
  readonly queuePrefix: string;
}

/**
 * Reads REDIS_URL and SLUICE_QUEUE_PREFIX.
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
      'redis://[user:password@]host:port[/db], the same with rediss:// for TLS, or the path of a Unix socket',
  });
  const queuePrefix = reader.text('SLUICE_QUEUE_PREFIX', {
    default: '{sluice}',
    problem: (prefix) =>
      /^\{[\w.:-]{1,100}\}$/.test(prefix) ? undefined : 'is not a name in braces (letters, digits, . : _ -)',
    wanted: 'a name like {sluice}, braces included',
  });
  return { url: new Secret(url), displayUrl: displayUrl(url), queuePrefix };
}

function redisUrlProblem(text: string): string | undefined {
  if (text.startsWith('/')) return undefined;
  const url = parseUrl(text);
  // Never quote it: an address that does not parse may still hold a password.
  if (!url) return 'is not an address (a password with special characters must be percent-encoded)';
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:')
    return `${url.protocol}// is not a Redis address`;
  if (!url.hostname) return 'names no host';
  if (!/^(\/\d*)?$/.test(url.pathname)) return 'has a database that is not a number';
  return undefined;
}

function displayUrl(text: string): string {
  if (text.startsWith('/')) return text;
  const url = parseUrl(text);
  return url ? `${url.protocol}//${url.host}${url.pathname}` : '[invalid]';
}
