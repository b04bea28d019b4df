import { Secret } from '../secret.ts';
import { isLoopback, parseUrl } from '../url-checks.ts';
import {
  connectionsVariables,
  type LogSettings,
  logVariables,
  type RedisSettings,
  redisSettings,
  redisVariables,
} from './shared-settings.ts';
import {
  baseUrl,
  choice,
  type Environment,
  type EnvironmentReader,
  host,
  integer,
  port,
  readEnvironment,
  text,
  type ValuesOf,
} from './variables.ts';

const TOKEN_FORMAT = 'name:role:token, separated by commas';

const consoleVariables = {
  host: host('SLUICE_CONSOLE_HOST', 'host of the console; other than loopback only with tokens'),
  port: port('SLUICE_CONSOLE_PORT', 3001, 'port of the console'),
  drainMs: integer('SLUICE_DRAIN_MS', {
    default: 10_000,
    max: 600_000,
    unit: 'ms',
    description: 'time that a shutdown waits for requests in progress',
  }),
};

const tokensVariables = {
  tokens: text('SLUICE_CONSOLE_TOKENS', {
    default: '',
    accepts: TOKEN_FORMAT,
    description:
      'users of the console; role `viewer` or `operator`, token of at least 24 characters. Without tokens, everyone on loopback is an operator',
  }),
};

const ingestUrlVariables = {
  publicUrl: baseUrl('SLUICE_PUBLIC_URL', {
    default: 'http://127.0.0.1:3000',
    description: 'base URL of ingest for platforms, as shown in the console',
  }),
  ingestUrl: baseUrl('SLUICE_INGEST_URL', {
    default: 'http://127.0.0.1:3000',
    description: 'base URL of ingest for the console, for connection tests',
  }),
};

const notificationVariables = {
  url: text('SLUICE_NOTIFY_URL', {
    default: '',
    accepts: 'the https:// URL of a webhook (http:// on this machine only)',
    description: 'URL that notifications are posted to; unset: none. A secret, never logged',
    check: notifyUrlProblem,
  }),
  format: choice('SLUICE_NOTIFY_FORMAT', {
    choices: ['slack', 'json'],
    default: 'slack',
    description: '`{"text": …}` for Slack, Mattermost and Google Chat, or alerts for programs',
  }),
  oldestSeconds: integer('SLUICE_NOTIFY_OLDEST_S', {
    default: 300,
    max: 86_400,
    unit: 's',
    description: 'threshold for the wait of the oldest delivery without an attempt',
  }),
  deadLetters: integer('SLUICE_NOTIFY_DEAD', {
    default: 50,
    max: 1_000_000,
    unit: 'dead letters in ten minutes',
    description: 'threshold for new dead letters',
  }),
  memoryPercent: integer('SLUICE_NOTIFY_MEMORY_PERCENT', {
    default: 80,
    max: 100,
    unit: '%',
    description: 'threshold for the share of Redis maxmemory in use',
  }),
};

/** All variables of the console, in the order of the reference. */
export const allConsoleVariables = {
  ...consoleVariables,
  ...tokensVariables,
  ...ingestUrlVariables,
  ...notificationVariables,
};

const DESCRIPTIONS = new Map(
  [redisVariables, logVariables, connectionsVariables, allConsoleVariables]
    .flatMap((variables) => Object.values(variables))
    .map(({ name, description }) => [name, description] as const),
);

/** Returns the description of a variable of the console; empty if it does not read the variable. */
export function describeConsoleVariable(name: string): string {
  return DESCRIPTIONS.get(name) ?? '';
}

/** `viewer` reads; `operator` also changes and sees masked content. */
export type ConsoleRole = 'viewer' | 'operator';

/** A user of the console. */
export interface ConsoleToken {
  /** For the audit log. */
  readonly name: string;
  readonly role: ConsoleRole;
  readonly token: Secret;
}

/** Base URLs of ingest, without trailing slashes. */
export type IngestUrls = ValuesOf<typeof ingestUrlVariables>;

export interface NotificationSettings extends Omit<ValuesOf<typeof notificationVariables>, 'url'> {
  /** Undefined: no notifications. A Secret, because anyone who knows the URL can post there. */
  readonly url: Secret | undefined;
}

export interface ConsoleSettings extends ValuesOf<typeof consoleVariables>, IngestUrls {
  readonly redis: RedisSettings;
  readonly log: LogSettings;
  readonly connectionsPath: string;
  /** Empty only on loopback, where everyone is an operator. */
  readonly tokens: readonly ConsoleToken[];
  readonly notifications: NotificationSettings;
}

/**
 * Reads the settings of the console.
 *
 * @throws ConfigError with all problems, including a host other than loopback without tokens
 */
export function readConsoleSettings(env: Environment = process.env): ConsoleSettings {
  return readEnvironment(env, (reader) => {
    const tokens = readTokens(reader);
    const hasTokenProblem = reader.problems.length > 0;
    const settings = {
      redis: redisSettings(reader),
      log: reader.read(logVariables),
      ...reader.read(connectionsVariables),
      ...reader.read(consoleVariables),
      tokens,
      ...reader.read(ingestUrlVariables),
      notifications: readNotifications(reader),
    };
    if (tokens.length === 0 && !hasTokenProblem && !isLoopback(settings.host)) {
      reader.report(
        `SLUICE_CONSOLE_HOST (${settings.host}) is reachable from other machines, but there are no tokens. Set SLUICE_CONSOLE_TOKENS to name:operator:token (create a token with openssl rand -hex 32), or SLUICE_CONSOLE_HOST to 127.0.0.1.`,
      );
    }
    return settings;
  });
}

/** Random tokens of this length cannot be guessed, and chosen words are usually shorter. */
const MIN_TOKEN_LENGTH = 24;

/** Reads the tokens. Problems name the position in the list and quote nothing, because any part may be a token. */
function readTokens(reader: EnvironmentReader): readonly ConsoleToken[] {
  const { tokens: list } = reader.read(tokensVariables);
  if (list === '') return [];
  const tokens: ConsoleToken[] = [];
  const seen = new Set<string>();
  for (const [index, entry] of list.split(',').entries()) {
    const [name = '', role = '', ...rest] = entry.trim().split(':');
    const token = rest.join(':');
    const problem = seen.has(token) ? 'has the token of another entry' : tokenProblem(name, role, token);
    if (problem === undefined && isRole(role)) tokens.push({ name, role, token: new Secret(token) });
    else
      reader.report(
        `SLUICE_CONSOLE_TOKENS is invalid: entry ${index + 1} ${problem}. Set it to ${TOKEN_FORMAT}.`,
      );
    seen.add(token);
  }
  return tokens;
}

const isRole = (word: string): word is ConsoleRole => word === 'viewer' || word === 'operator';

function tokenProblem(name: string, role: string, token: string): string | undefined {
  if (!/^[\w.@-]{1,64}$/.test(name))
    return 'has no name of 1 to 64 letters, digits, dots, hyphens, _ or @ before its first colon';
  if (!isRole(role)) return 'has a role other than viewer and operator';
  if (token.length < MIN_TOKEN_LENGTH) return `has a token of fewer than ${MIN_TOKEN_LENGTH} characters`;
  // An HTTP header cannot carry other characters.
  if (!/^[\x21-\x7e]+$/.test(token)) return 'has a token with spaces or non-ASCII characters';
  return undefined;
}

function readNotifications(reader: EnvironmentReader): NotificationSettings {
  const { url, ...rest } = reader.read(notificationVariables);
  return { url: url === '' ? undefined : new Secret(url), ...rest };
}

/** Never quotes the URL: its path is the secret. */
function notifyUrlProblem(address: string): string | undefined {
  const url = parseUrl(address);
  if (!url) return 'is not a URL';
  if (url.username || url.password) return 'contains a user or password';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:') return 'is neither http:// nor https://';
  return isLoopback(url.hostname)
    ? undefined
    : 'is http:// to another machine, which exposes it to the network in between';
}
