/** One thing that is wrong in the connections file, and where. */
export interface Diagnostic {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** e.g. `connections[3].botpress.token`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** Writes a mistake as one line: `file:line:column  path  what is wrong  — hint`. */
export function formatDiagnostic(mistake: Diagnostic): string {
  const { file, line, column, path, message, hint } = mistake;
  const parts = [`${file}:${line}:${column}`, path, message].filter((part) => part !== '');
  return parts.join('  ') + (hint ? `  — ${hint}` : '');
}
