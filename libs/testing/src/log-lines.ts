/** A log line of an app. The text of a line that is not a JSON object is in `msg`. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string };

/** Collects the log lines of an app. */
export class LogLines {
  readonly #seen: LogLine[] = [];
  readonly #listeners = new Set<(line: LogLine) => void>();

  /** All lines so far. */
  get seen(): readonly LogLine[] {
    return this.#seen;
  }

  add(text: string): void {
    const line = parseLine(text);
    this.#seen.push(line);
    for (const listener of this.#listeners) listener(line);
  }

  /** Calls the listener for each new line. Returns a function that removes it. */
  listen(listener: (line: LogLine) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves with the first matching line, past or future. Never rejects: race it with the exit of the app. */
  waitFor(fits: (line: LogLine) => boolean): Promise<LogLine> {
    const past = this.#seen.find(fits);
    if (past) return Promise.resolve(past);
    return new Promise((resolve) => {
      const stop = this.listen((line) => {
        if (!fits(line)) return;
        stop();
        resolve(line);
      });
    });
  }
}

function parseLine(text: string): LogLine {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as LogLine;
  } catch {
    // Not JSON: text output.
  }
  return { msg: text };
}
