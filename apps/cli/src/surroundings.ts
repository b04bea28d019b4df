/** What commands need of the world, handed to them so that tests can look and need not wait. */
export interface Surroundings {
  /** Writes a line to standard output. */
  out(line: string): void;
  /** Writes a line to standard error. */
  err(line: string): void;
  /** Writes a line to standard output; resolves when whoever reads it can take more. */
  write(line: string): Promise<void>;
  /** The lines of a file; `-` is standard input. */
  readLines(path: string): AsyncIterable<string>;
  /** Asks whoever sits there for a yes; undefined where nobody does. */
  readonly confirm?: (statement: string) => Promise<boolean>;
  /** Shows a line on the terminal until the next one; undefined where there is none. */
  readonly status?: (line: string) => void;
  readonly clock: Clock;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after so many milliseconds, or as soon as the signal aborts. */
  delay(ms: number, signal: AbortSignal): Promise<void>;
}
