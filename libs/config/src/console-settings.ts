import { connectionsPath } from './connections-path.ts';
import { type ConsoleToken, consoleTokens } from './console-tokens.ts';
import { edgeUrls, type IngestUrls } from './edge-urls.ts';
import type { Environment } from './environment.ts';
import type { EnvironmentReader } from './environment-reader.ts';
import { host } from './host.ts';
import { isLoopback } from './is-loopback.ts';
import { type LogSettings, logSettings } from './log-settings.ts';
import { type NotificationSettings, notificationSettings } from './notification-settings.ts';
import { PORTS, upTo } from './ranges.ts';
import { readEnvironment } from './read-environment.ts';
import { type RedisSettings, redisSettings } from './redis-settings.ts';

export interface ConsoleSettings extends IngestUrls {
  readonly redis: RedisSettings;
  readonly log: LogSettings;
  readonly connectionsPath: string;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Who may sign in. Empty only on loopback, where everyone is operator then. */
  readonly tokens: readonly ConsoleToken[];
  readonly notifications: NotificationSettings;
  /** How long a shutdown waits for requests under way. */
  readonly drainMs: number;
}

/**
 * Reads what the console needs.
 *
 * @throws ConfigError with all problems together; one of them is an address off loopback without tokens
 */
export function readConsoleSettings(env: Environment = process.env): ConsoleSettings {
  return readEnvironment(env, consoleSettings);
}

const MINUTE = 60_000;

function consoleSettings(reader: EnvironmentReader): ConsoleSettings {
  const known = reader.problems.length;
  const tokens = consoleTokens(reader);
  const areWrong = reader.problems.length > known;
  const settings = {
    redis: redisSettings(reader),
    log: logSettings(reader),
    connectionsPath: connectionsPath(reader),
    host: host(reader, 'SLUICE_CONSOLE_HOST'),
    port: reader.integer('SLUICE_CONSOLE_PORT', { ...PORTS, default: 3001 }),
    tokens,
    ...edgeUrls(reader),
    notifications: notificationSettings(reader),
    drainMs: reader.integer('SLUICE_DRAIN_MS', upTo(10 * MINUTE, 10_000, 'ms')),
  };
  if (tokens.length === 0 && !areWrong && !isLoopback(settings.host)) {
    reader.report(
      `SLUICE_CONSOLE_HOST: ${settings.host} is not this machine alone, and there are no tokens  — set SLUICE_CONSOLE_TOKENS to name:operator:token (a token: openssl rand -hex 32), or SLUICE_CONSOLE_HOST to 127.0.0.1`,
    );
  }
  return settings;
}
