import { ConfigError, type Diagnostic, formatDiagnostic } from '../config-error.ts';
import type { ConnectionsDocument } from './document.ts';
import type { Finding } from './explain-issue.ts';
import { type Interpolated, referencesIn } from './interpolate.ts';
import { formatPath, valueAt } from './path.ts';

/**
 * Adds the positions to findings, in the order of the file.
 *
 * Findings about a text with an unset variable are dropped: the variable is the problem.
 */
export function toDiagnostics(
  file: string,
  document: ConnectionsDocument,
  interpolated: Interpolated,
  findings: readonly Finding[],
): Diagnostic[] {
  const unresolved = new Set(interpolated.findings.map(({ path }) => formatPath(path)));
  const relevant = findings
    .filter(({ path, key }) => key !== undefined || !unresolved.has(formatPath(path)))
    .map((finding) => ({ ...finding, message: messageOf(finding, interpolated) }));
  return [...interpolated.findings, ...relevant]
    .map(({ path, key, message, hint }) => ({
      file,
      ...(key === undefined ? document.position(path) : document.keyPosition(path, key)),
      path: formatPath(path),
      message,
      ...(hint === undefined ? {} : { hint }),
    }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

function messageOf(
  { path, key, message, foreign }: Finding,
  { value, written, resolved }: Interpolated,
): string {
  const safe = foreign ? redact(message, valueAt(value, path.slice(0, 2)), resolved) : message;
  if (key !== undefined) return safe;
  // Names the variables, because the value is not in the file.
  const variables = referencesIn(valueAt(written, path));
  return variables.length > 0 ? `${safe} (from ${variables.join(', ')})` : safe;
}

/** Shorter texts would mask parts of ordinary words, and are too weak as secrets. */
const MIN_MASKED_LENGTH = 4;

/**
 * Masks everything in a message that may be secret in a connection. For messages of users' schemas, which may quote
 * the value; our own quote none.
 *
 * @param resolved texts that contain the value of a variable
 */
export function redact(message: string, connection: unknown, resolved: ReadonlySet<string>): string {
  const { secrets, settings, botpress, forward } = asMapping(connection);
  return [...[secrets, settings, forward, asMapping(botpress).token].flatMap(textsIn), ...resolved]
    .filter((text) => text.length >= MIN_MASKED_LENGTH)
    .sort((a, b) => b.length - a.length)
    .reduce((masked, text) => masked.replaceAll(text, '[hidden]'), message);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function asMapping(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** More than a screen of diagnostics usually has one cause, and 5,000 connections could have 50,000. */
const MAX_DIAGNOSTICS = 50;

/** Creates the error for the diagnostics of a file, of which it lists at most 50. */
export function diagnosticsError(file: string, diagnostics: readonly Diagnostic[]): ConfigError {
  const shown = diagnostics.slice(0, MAX_DIAGNOSTICS);
  const more = diagnostics.length - shown.length;
  const lines = shown.map(formatDiagnostic);
  if (more > 0) lines.push(`… and ${more} more`);
  return new ConfigError(`${file} has ${diagnostics.length} problems:`, lines, shown);
}
