/** What commands need of the world, handed to them so that tests can look and need not wait. */
export interface Surroundings {
  /** Writes a line to standard output. */
  out(line: string): void;
  /** Writes a line to standard error. */
  err(line: string): void;
  readonly clock: Clock;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after so many milliseconds, or as soon as the signal aborts. */
  delay(ms: number, signal: AbortSignal): Promise<void>;
}
