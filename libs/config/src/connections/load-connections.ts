import { readFileSync } from 'node:fs';
import { createSourceRegistry, type SourceRegistry } from '@sluice/events';
import { ConfigError } from '../config-error.ts';
import type { Environment } from '../environment/variables.ts';
import { checkConnections } from './check-connections.ts';
import type { Connections } from './connection.ts';
import { diagnosticsError, toDiagnostics } from './diagnostics.ts';
import { parseConnectionsDocument } from './document.ts';
import { interpolate } from './interpolate.ts';

export interface LoadOptions {
  /** The available sources; by default the built-in ones. */
  readonly registry?: SourceRegistry;
  /** Variables for `${NAME}`; by default the environment of the process. */
  readonly env?: Environment;
  /**
   * Whether variables without a value get a placeholder instead of an error: for commands that read neither secrets
   * nor targets. An integration has no id before it is generated and deployed.
   */
  readonly placeholders?: boolean;
}

/**
 * Reads and checks the connections file, YAML or JSON.
 *
 * @throws ConfigError with all problems and their positions (at most 50), or with the reason why it cannot be read
 */
export function loadConnections(path: string, options: LoadOptions = {}): Connections {
  return parseConnections(readConnectionsFile(path), path, options);
}

/**
 * Parses and checks the text of a connections file.
 *
 * @param file name for messages
 * @throws ConfigError as `loadConnections`
 */
export function parseConnections(text: string, file: string, options: LoadOptions = {}): Connections {
  const parsed = parseConnectionsDocument(text);
  if (!parsed.ok) throw diagnosticsError(file, [{ file, path: '', ...parsed.problem }]);
  const { document } = parsed;
  if (document.value === null) {
    const hint = 'Begin with "connections:", as in config/connections.example.yaml';
    throw diagnosticsError(file, [{ file, line: 1, column: 1, path: '', message: 'is empty', hint }]);
  }
  const env = options.env ?? process.env;
  const interpolated = interpolate(document.value, options.placeholders ? withPlaceholders(env) : env);
  const { value, written } = interpolated;
  const registry = options.registry ?? createSourceRegistry();
  const checked = checkConnections(value, written, registry, env.SLUICE_PUBLIC_URL);
  if (checked.ok && interpolated.findings.length === 0) return checked.connections;
  const findings = checked.ok ? [] : checked.findings;
  throw diagnosticsError(file, toDiagnostics(file, document, interpolated, findings));
}

/** Returns an environment in which every variable has a value, different for each name and valid as a URL. */
function withPlaceholders(env: Environment): Environment {
  return new Proxy(env, {
    get: (target, name) => target[String(name)] || `https://unset.invalid/${String(name)}`,
  });
}

/**
 * Reads the text of a connections file.
 *
 * @throws ConfigError of one line with the remedy
 */
export function readConnectionsFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError('', [`${path}: ${explainReadError(error)}`]);
  }
}

function explainReadError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  if (code === 'ENOENT') {
    return 'no such connections file. Copy config/connections.example.yaml there, or set SLUICE_CONNECTIONS to your file.';
  }
  return `the connections file cannot be read (${code}). Check its permissions, or set SLUICE_CONNECTIONS to another file.`;
}
