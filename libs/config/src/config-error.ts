/** A problem in the connections file, with its location. */
export interface Diagnostic {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Such as `connections[3].botpress.token`; empty for the whole file. */
  readonly path: string;
  /** What is wrong, as the predicate of the path: `is missing`. */
  readonly message: string;
  /** What to do, without a period. */
  readonly hint?: string;
}

/** Formats a diagnostic as one line: `file:line:column: path message. Hint.` */
export function formatDiagnostic({ file, line, column, path, message, hint }: Diagnostic): string {
  const problem = `${file}:${line}:${column}: ${path || 'the file'} ${message}.`;
  return hint === undefined ? problem : `${problem} ${hint}${/[.?!]$/.test(hint) ? '' : '.'}`;
}

/**
 * Invalid environment or connections file. `message` is readable: one line for one problem, otherwise a title and one
 * line per problem. It never contains a secret.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** All problems, one line each. */
  readonly problems: readonly string[];
  /** The problems of a connections file as data. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(title: string, problems: readonly string[], diagnostics: readonly Diagnostic[] = []) {
    super(problems.length === 1 ? problems[0] : [title, ...problems.map((line) => `  ${line}`)].join('\n'));
    this.problems = problems;
    this.diagnostics = diagnostics;
  }
}
