import { ConfigError } from './config-error.ts';
import type { Environment } from './environment.ts';
import { EnvironmentReader } from './environment-reader.ts';

/**
 * Runs a reader over the environment and returns what it read, frozen throughout.
 *
 * @throws ConfigError with all problems together
 */
export function readEnvironment<T extends object>(
  env: Environment,
  read: (reader: EnvironmentReader) => T,
): T {
  const reader = new EnvironmentReader(env);
  const settings = read(reader);
  if (reader.problems.length > 0) {
    throw new ConfigError(`the environment has ${reader.problems.length} mistakes:`, reader.problems);
  }
  return freeze(settings);
}

function freeze<T extends object>(settings: T): T {
  for (const value of Object.values(settings)) {
    if (typeof value === 'object' && value !== null) freeze(value);
  }
  return Object.freeze(settings);
}
