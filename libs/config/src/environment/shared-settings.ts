import { Secret } from '../secret.ts';
import { parseUrl } from '../url-checks.ts';
import {
  baseUrl,
  choice,
  type Environment,
  type EnvironmentReader,
  integer,
  readEnvironment,
  text,
  type ValuesOf,
} from './variables.ts';

export interface RedisSettings {
  /** `redis://`, `rediss://`, `redis+cluster://` or the path of a Unix socket; may contain a password. */
  readonly url: Secret;
  /** The URL without user and password, for logs. */
  readonly displayUrl: string;
  /** Prefix of all keys, in braces, so that in a cluster all keys of a queue are in one slot. */
  readonly queuePrefix: string;
  /** Number of queues that deliveries are distributed over by bot. In a cluster each has its own slot. */
  readonly shards: number;
}

export const redisVariables = {
  url: text('REDIS_URL', {
    default: 'redis://127.0.0.1:6379',
    accepts:
      'redis://[user:password@]host:port[/db], rediss://… for TLS, redis+cluster://[user:password@]host:port[,host:port…] or rediss+cluster://… for a cluster, or the path of a Unix socket',
    description: 'address of Redis',
    check: redisUrlProblem,
  }),
  queuePrefix: text('SLUICE_QUEUE_PREFIX', {
    default: '{sluice}',
    accepts: 'a name in braces like {sluice}',
    description:
      'prefix of all keys in Redis; after a change, deliveries under the old prefix are not processed',
    check: (prefix) =>
      /^\{[\w.:-]{1,100}\}$/.test(prefix) ? undefined : 'is not a name in braces (letters, digits, . : _ -)',
  }),
  shards: integer('SLUICE_SHARDS', {
    default: 1,
    max: 64,
    unit: 'shards',
    description: 'number of queues that deliveries are distributed over by bot; see docs/how-to/scale-out.md',
  }),
};

/**
 * Reads the address of Redis, the key prefix and the number of shards.
 *
 * @throws ConfigError with all problems
 */
export function readRedisSettings(env: Environment = process.env): RedisSettings {
  return readEnvironment(env, redisSettings);
}

export function redisSettings(reader: EnvironmentReader): RedisSettings {
  const { url, ...rest } = reader.read(redisVariables);
  return { url: new Secret(url), displayUrl: displayUrl(url), ...rest };
}

function redisUrlProblem(address: string): string | undefined {
  if (address.startsWith('/')) return undefined;
  const nodes = clusterNodes(address);
  if (!nodes) return nodeProblem(address);
  const problem = nodes.map(nodeProblem).find((found) => found !== undefined);
  if (problem !== undefined) return problem;
  const hasDatabase = nodes.some((node) => parseUrl(node)?.pathname);
  return hasDatabase ? 'names a database, which a cluster does not support' : undefined;
}

function nodeProblem(address: string): string | undefined {
  const url = parseUrl(address);
  // Never quoted: an invalid URL may still contain a password.
  if (!url) return 'is not a URL (percent-encode special characters in the password)';
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    return `has the scheme ${url.protocol}//, which is not supported`;
  }
  if (!url.hostname) return 'has no host';
  if (!/^(\/\d*)?$/.test(url.pathname)) return 'has a database that is not a number';
  return undefined;
}

/** Returns each node of a cluster address as a URL; undefined for a single Redis. */
function clusterNodes(address: string): readonly string[] | undefined {
  const [, scheme, nodes] = /^(rediss?)\+cluster:\/\/(.*)$/s.exec(address) ?? [];
  return nodes?.split(',').map((node) => `${scheme}://${node}`);
}

function displayUrl(address: string): string {
  if (address.startsWith('/')) return address;
  const [scheme = ''] = address.split('://');
  const nodes = clusterNodes(address);
  if (nodes) return `${scheme}://${nodes.map((node) => parseUrl(node)?.host ?? '[invalid]').join(',')}`;
  const url = parseUrl(address);
  return url ? `${url.protocol}//${url.host}${url.pathname}` : '[invalid]';
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogSettings {
  readonly level: LogLevel;
  /** Readable lines instead of JSON; `auto`: if stdout is a terminal. */
  readonly pretty: 'auto' | 'true' | 'false';
}

export const logVariables = {
  level: choice('LOG_LEVEL', {
    choices: LOG_LEVELS,
    default: 'info',
    description: 'minimum level of log lines',
  }),
  pretty: choice('LOG_PRETTY', {
    choices: ['auto', 'true', 'false'],
    default: 'auto',
    description: 'readable lines instead of JSON; `auto`: on a terminal',
  }),
};

/**
 * Reads the log level and format.
 *
 * @throws ConfigError with all problems
 */
export function readLogSettings(env: Environment = process.env): LogSettings {
  return readEnvironment(env, (reader) => reader.read(logVariables));
}

export interface TracingSettings {
  readonly isOn: boolean;
  /** Base URL of the OTLP collector, without a trailing slash. */
  readonly endpoint: string;
}

export const tracingVariables = {
  tracing: choice('SLUICE_TRACING', {
    choices: ['on', 'off'],
    default: 'off',
    description: 'whether spans are sent; requires the packages in docs/how-to/enable-tracing.md',
  }),
  endpoint: baseUrl('OTEL_EXPORTER_OTLP_ENDPOINT', {
    default: 'http://127.0.0.1:4318',
    description:
      'base URL of a collector with OTLP over HTTP. OpenTelemetry reads its other variables itself',
  }),
};

export function tracingSettings(reader: EnvironmentReader): TracingSettings {
  const { tracing, endpoint } = reader.read(tracingVariables);
  return { isOn: tracing === 'on', endpoint };
}

export const connectionsVariables = {
  connectionsPath: text('SLUICE_CONNECTIONS', {
    default: 'config/connections.yaml',
    accepts: 'a path, relative to the working directory',
    description: 'path of the connections file',
  }),
};

/** Reads the path of the connections file, relative to the working directory. */
export function readConnectionsPath(env: Environment = process.env): string {
  return readEnvironment(env, (reader) => reader.read(connectionsVariables)).connectionsPath;
}

/** What Botpress allows a workspace, whose calls and events all its bots share. */
export const workspaceVariables = {
  callsPerSecond: integer('SLUICE_WORKSPACE_CALLS_PER_SECOND', {
    default: 100,
    max: 1_000_000,
    unit: 'calls',
    description:
      'maximum calls a second to a Botpress workspace, by all workers and all its bots, reads included; Botpress allows 100',
  }),
  invocationsPerMinute: integer('SLUICE_INVOCATIONS_PER_MINUTE', {
    default: 0,
    min: 0,
    max: 1_000_000,
    unit: 'events',
    description:
      'bot invocations a minute in the plan of a workspace, of which an alert reports 80 %; 0: unknown. Never delays an event. The free plan has 100',
  }),
  invocationsPerMonth: integer('SLUICE_INVOCATIONS_PER_MONTH', {
    default: 0,
    min: 0,
    max: 1_000_000_000,
    unit: 'events',
    description:
      'bot invocations a calendar month (UTC) in the plan of a workspace, of which an alert reports 80 %; 0: unknown. Never delays an event. The free plan has 25000',
  }),
};

export type WorkspaceSettings = ValuesOf<typeof workspaceVariables>;

/**
 * Reads the limits of a Botpress workspace.
 *
 * @throws ConfigError with all problems
 */
export function readWorkspaceSettings(env: Environment = process.env): WorkspaceSettings {
  return readEnvironment(env, (reader) => reader.read(workspaceVariables));
}

export const telegramVariables = {
  telegramApiUrl: baseUrl('TELEGRAM_API_URL', {
    default: 'https://api.telegram.org',
    description: 'base URL of the Telegram Bot API, for `sluice connections check`',
  }),
};

/**
 * Reads the base URL of the Telegram Bot API, without a trailing slash.
 *
 * @throws ConfigError
 */
export function readTelegramApiUrl(env: Environment = process.env): string {
  return readEnvironment(env, (reader) => reader.read(telegramVariables)).telegramApiUrl;
}

export const botpressVariables = {
  botpressApiUrl: baseUrl('BOTPRESS_API_URL', {
    default: 'https://api.botpress.cloud',
    description: 'base URL of the Botpress API for connections without their own `apiUrl`',
  }),
};

/**
 * Reads the base URL of the Botpress API for connections without their own, without a trailing slash.
 *
 * @throws ConfigError
 */
export function readBotpressApiUrl(env: Environment = process.env): string {
  return readEnvironment(env, (reader) => reader.read(botpressVariables)).botpressApiUrl;
}
