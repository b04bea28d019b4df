import type { ExitCode } from './errors.ts';

/** What commands use of the process. Tests replace it. */
export interface CliContext {
  /** Writes a line to standard output. */
  out(line: string): void;
  /** Writes a line to standard error. */
  err(line: string): void;
  /** Writes a line to standard output. Resolves when standard output accepts more. */
  write(line: string): Promise<void>;
  /** Returns the lines of a file. `-` is standard input. */
  readLines(path: string): AsyncIterable<string>;
  /** Asks for confirmation; undefined if standard input is not a terminal. */
  readonly confirm?: (statement: string) => Promise<boolean>;
  /** Shows a line on the terminal until the next line; undefined without a terminal. */
  readonly status?: (line: string) => void;
  readonly clock: Clock;
}

export interface Clock {
  /** Returns milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds, or when the signal aborts. */
  delay(ms: number, signal: AbortSignal): Promise<void>;
}

/** Receives the exit code of a command. */
export type End = (code: ExitCode) => void;
