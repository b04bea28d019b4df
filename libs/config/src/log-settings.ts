import type { Environment } from './environment.ts';
import type { EnvironmentReader } from './environment-reader.ts';
import { readEnvironment } from './read-environment.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof LEVELS)[number];

export interface LogSettings {
  readonly level: LogLevel;
  /** For people instead of machines; `auto` means when the output is a terminal. */
  readonly pretty: 'auto' | 'true' | 'false';
}

/**
 * Reads LOG_LEVEL and LOG_PRETTY.
 *
 * @throws ConfigError with all problems together
 */
export function readLogSettings(env: Environment = process.env): LogSettings {
  return readEnvironment(env, logSettings);
}

/** The same, as a part of an app's settings. */
export function logSettings(reader: EnvironmentReader): LogSettings {
  return {
    level: reader.choice('LOG_LEVEL', LEVELS, 'info'),
    pretty: reader.choice('LOG_PRETTY', ['auto', 'true', 'false'], 'auto'),
  };
}
