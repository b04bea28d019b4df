import { readFileSync } from 'node:fs';
import { createSourceRegistry, type SourceRegistry } from '@sluice/events';
import { checkConnections } from './check-connections.ts';
import { ConfigError } from './config-error.ts';
import type { Connections } from './connection.ts';
import { parseConnectionsDocument } from './connections-document.ts';
import type { Environment } from './environment.ts';
import { interpolate } from './interpolate.ts';
import { type Diagnostic, formatDiagnostic } from './mistake.ts';
import { toMistakes } from './to-mistakes.ts';

export interface LoadOptions {
  /** The sources that connections may name; those of Sluice unless given. */
  readonly registry?: SourceRegistry;
  /** Where `${NAME}` is looked up; the process' own environment unless given. */
  readonly env?: Environment;
}

/** More than a screen of mistakes has one cause, and 5,000 connections could have 50,000. */
const MAX_MISTAKES = 50;

/**
 * Reads and checks the connections file, YAML or JSON.
 *
 * @throws ConfigError with every mistake and its place (at most 50), or why the file cannot be read
 */
export function loadConnections(path: string, options: LoadOptions = {}): Connections {
  return parseConnections(readConnectionsFile(path), path, options);
}

/**
 * Checks the text of a connections file.
 *
 * @param file its name, for the messages
 * @throws ConfigError as `loadConnections`
 */
export function parseConnections(text: string, file: string, options: LoadOptions = {}): Connections {
  const parsed = parseConnectionsDocument(text);
  if (!parsed.ok) throw mistakesError(file, [{ file, path: '', ...parsed.mistake }]);
  const { document } = parsed;
  if (document.value === null) {
    const hint = 'begin with "connections:", see config/connections.example.yaml';
    throw mistakesError(file, [{ file, line: 1, column: 1, path: '', message: 'the file is empty', hint }]);
  }
  const interpolated = interpolate(document.value, options.env ?? process.env);
  const { value, written } = interpolated;
  const checked = checkConnections(value, written, options.registry ?? createSourceRegistry());
  const findings = checked.ok ? [] : checked.findings;
  if (checked.ok && interpolated.problems.length === 0) return checked.connections;
  throw mistakesError(
    file,
    toMistakes(document, interpolated, findings).map((mistake) => ({ file, ...mistake })),
  );
}

/**
 * Reads the text of a connections file.
 *
 * @throws ConfigError in one line, with what to do
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
    return 'no such connections file  — copy config/connections.example.yaml there, or set SLUICE_CONNECTIONS to yours';
  }
  return `the connections file cannot be read (${code})  — check its permissions, or set SLUICE_CONNECTIONS to another`;
}

/** Puts mistakes of a file in one error, at most 50 of them in words. */
export function mistakesError(file: string, mistakes: readonly Diagnostic[]): ConfigError {
  const shown = mistakes.slice(0, MAX_MISTAKES);
  const more = mistakes.length - shown.length;
  const lines = shown.map(formatDiagnostic);
  if (more > 0) lines.push(`… and ${more} more`);
  return new ConfigError(`${file} has ${mistakes.length} mistakes:`, lines, shown);
}
