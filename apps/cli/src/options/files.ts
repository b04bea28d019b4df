import {
  type Connections,
  type LoadOptions,
  loadConnections,
  loadSourceRegistry,
  readConnectionsPath,
} from '@sluice/config';
import type { CliContext } from '../context.ts';
import { UsageError } from '../errors.ts';

/** Arguments of `option` for commands that load the connections file. */
export const CONNECTIONS_OPTION = [
  '--connections <path>',
  'connections file (default: SLUICE_CONNECTIONS, else config/connections.yaml)',
] as const;

/** Connections with the mappers of their sources, and the path of their file. */
export interface LoadedConnections {
  readonly file: string;
  readonly connections: Connections;
}

/**
 * Loads the connections file at `path`, by default the file that the environment names.
 *
 * @throws ConfigError with all errors of the file
 */
export async function loadConnectionsFile(
  path: string | undefined,
  options: Pick<LoadOptions, 'placeholders'> = {},
): Promise<LoadedConnections> {
  const file = path ?? readConnectionsPath();
  const registry = await loadSourceRegistry(file);
  return { file, connections: loadConnections(file, { ...options, registry }) };
}

/**
 * Returns the text of an option: the text itself, or the content of a file for `@path` (`@-`: standard input).
 *
 * @throws UsageError if the file cannot be read
 */
export async function readText(given: string, context: Pick<CliContext, 'readLines'>): Promise<string> {
  if (!given.startsWith('@')) return given;
  const lines: string[] = [];
  for await (const line of readFileLines(given.slice(1), context)) lines.push(line);
  return lines.join('\n');
}

/**
 * Returns the lines of a file. `-` is standard input.
 *
 * @throws UsageError if the file cannot be read
 */
export async function* readFileLines(
  path: string,
  { readLines }: Pick<CliContext, 'readLines'>,
): AsyncGenerator<string> {
  try {
    yield* readLines(path);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
}
