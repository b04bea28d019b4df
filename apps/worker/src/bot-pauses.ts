/**
 * Remembers which bots have asked for a pause (429 with Retry-After), so that their other deliveries wait
 * without a call, while those of other bots go on. Each process learns it by itself, from one call.
 */
export class BotPauses {
  readonly #until = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param duration milliseconds from now */
  pause(botId: string, duration: number): void {
    this.#until.set(botId, Math.max(this.#until.get(botId) ?? 0, this.#now() + duration));
  }

  /** When the pause ends, in milliseconds since the epoch; undefined if there is none. */
  pausedUntil(botId: string): number | undefined {
    const until = this.#until.get(botId);
    if (until === undefined) return undefined;
    if (until > this.#now()) return until;
    this.#until.delete(botId);
    return undefined;
  }
}
