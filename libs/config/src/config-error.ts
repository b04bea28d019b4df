import type { Diagnostic } from './mistake.ts';

/**
 * Environment or connections file cannot be used. `message` is for people: one line for one problem, else
 * a title and one line each. It never holds a secret.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** Everything that is wrong, a line each. */
  readonly problems: readonly string[];
  /** The same for programs, where the problems are places in the connections file. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(title: string, problems: readonly string[], mistakes: readonly Diagnostic[] = []) {
    super(problems.length === 1 ? problems[0] : [title, ...problems.map((line) => `  ${line}`)].join('\n'));
    this.problems = problems;
    this.diagnostics = mistakes;
  }
}
