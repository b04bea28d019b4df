/** Calls at once of a connection that has not had a success of late: with two workers fewer than 5 in all. */
const UNPROVEN = 2;

/** Milliseconds for which a success proves a connection. */
const PROVEN = 2_000;

interface Standing {
  /** Deliveries that are let through, and not done yet. */
  under: number;
  /** Milliseconds since the epoch. */
  provenUntil: number;
}

/** A delivery's leave to call Botpress. */
export interface Leave {
  /** Gives it back, with what the call came to, if there was one. Call it once. */
  end(result?: string): void;
}

/**
 * Keeps the calls few that a connection makes before it is known that Botpress takes them. A revoked token
 * would else be tried by as many as are taken before the first refusal arrives: 30 at once after a quiet minute.
 */
export class Probation {
  readonly #standings = new Map<string, Standing>();
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Lets one more delivery of a connection through; undefined if it has to wait for those before it. */
  enter(connection: string): Leave | undefined {
    const standing = this.#standings.get(connection) ?? { under: 0, provenUntil: 0 };
    if (standing.under >= UNPROVEN && standing.provenUntil <= this.#now()) return undefined;
    this.#standings.set(connection, standing);
    standing.under++;
    return {
      end: (result) => {
        standing.under--;
        if (result === 'created') standing.provenUntil = this.#now() + PROVEN;
        if (result === 'refused') standing.provenUntil = 0;
        if (standing.under === 0 && standing.provenUntil <= this.#now()) this.#standings.delete(connection);
      },
    };
  }
}
