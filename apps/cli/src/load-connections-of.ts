import { type Connections, loadConnections, loadSourceRegistry, readConnectionsPath } from '@sluice/config';

/** The option that names the file, for `option` of commands that load it. */
export const CONNECTIONS_OPTION = [
  '--connections <path>',
  'the file (default: SLUICE_CONNECTIONS, else config/connections.yaml)',
] as const;

/** Connections with the mappers of their sources, and the file that they are from. */
export interface LoadedConnections {
  readonly file: string;
  readonly connections: Connections;
}

/**
 * Loads the connections file that a command names, or that the environment does.
 *
 * @throws ConfigError with all of its mistakes
 */
export async function loadConnectionsOf(path: string | undefined): Promise<LoadedConnections> {
  const file = path ?? readConnectionsPath();
  return { file, connections: loadConnections(file, { registry: await loadSourceRegistry(file) }) };
}
