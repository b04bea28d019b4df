import type { Environment } from './environment.ts';
import type { EnvironmentReader } from './environment-reader.ts';
import { readEnvironment } from './read-environment.ts';

/** Reads SLUICE_CONNECTIONS: path of the connections file, relative to the working directory. */
export function readConnectionsPath(env: Environment = process.env): string {
  return readEnvironment(env, (reader) => ({ path: connectionsPath(reader) })).path;
}

/** The same, as a part of an app's settings. */
export function connectionsPath(reader: EnvironmentReader): string {
  return reader.text('SLUICE_CONNECTIONS', {
    default: 'config/connections.yaml',
    problem: () => undefined,
    wanted: 'the path of the connections file',
  });
}
