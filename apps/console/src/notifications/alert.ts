/** Something that somebody should know of now. Says ids, numbers and closed words; nothing of a payload. */
export interface Alert {
  /** The same for the same trouble, e.g. `connection-held:acme`. */
  readonly key: string;
  readonly title: string;
  /** What to do, or where to look. */
  readonly detail: string;
  /** Looks in a row that must find it before it is told: a worker that restarts is no news. 1 by default. */
  readonly looks?: number;
}

/** An alert, and since when. */
export interface Told {
  readonly alert: Alert;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** What one message tells. */
export interface News {
  readonly begun: readonly Told[];
  /** Told before, and not over yet. */
  readonly lasting: readonly Told[];
  readonly over: readonly Told[];
}
