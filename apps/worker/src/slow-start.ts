import type { SendResult } from '@sluice/botpress';
import { isRefusalOfBot } from './decide-outcome.ts';

/** Calls at once of a connection of which nothing is known of late: with two workers fewer than 5 in all. */
const UNPROVEN = 2;

/** Milliseconds for which an answer proves a connection. */
const PROVEN = 2_000;

/**
 * Milliseconds that those wait who are turned away: as long as others have been before them. A first call takes
 * some 100 ms; one that hangs takes 15 s, and whoever waits for it must not come and go all the while.
 */
const SHORTEST = 100;
const LONGEST = 5_000;

interface Standing {
  /** Deliveries that are let through, and not done yet. */
  under: number;
  /** Milliseconds since the epoch. */
  provenUntil: number;
  /** Since when others have been turned away, and when the last was; undefined since it was last proven. */
  turningAway: { readonly since: number; readonly last: number } | undefined;
}

/** A delivery's leave to call Botpress. */
export interface CallPermit {
  /** Gives it back, with what the call came to, if there was one. Call it once. */
  end(result?: SendResult): void;
}

/** A delivery has to wait for those before it, some milliseconds. */
export interface RetryAfter {
  readonly notBefore: number;
}

/**
 * Keeps the calls few that a connection makes before it is known that Botpress takes them. A revoked token
 * would else be tried by as many as are taken before the first refusal arrives: 30 at once after a quiet minute.
 *
 * Any answer that is no refusal of token, plan or bot proves a connection, an error of Botpress' own as well: that
 * one is retried by its schedule. Calls that get no answer prove nothing, so those of a bot that hangs take no more
 * than two places of a worker from the others.
 */
export class SlowStart {
  readonly #standings = new Map<string, Standing>();
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Lets one more delivery of a connection through, or says how long it has to wait. */
  acquire(connection: string): CallPermit | RetryAfter {
    const now = this.#now();
    const standing = this.#standings.get(connection) ?? newStanding();
    if (standing.under >= UNPROVEN && standing.provenUntil <= now) {
      return { notBefore: turnAway(standing, now) };
    }
    this.#standings.set(connection, standing);
    standing.under++;
    return { end: (result) => this.#end(connection, standing, result) };
  }

  #end(connection: string, standing: Standing, result: SendResult | undefined): void {
    standing.under--;
    const proof = result && isProof(result);
    if (proof) {
      standing.provenUntil = this.#now() + PROVEN;
      standing.turningAway = undefined;
    }
    if (proof === false) standing.provenUntil = 0;
    if (standing.under > 0 || standing.turningAway || standing.provenUntil > this.#now()) return;
    this.#standings.delete(connection);
  }
}

const newStanding = (): Standing => ({ under: 0, provenUntil: 0, turningAway: undefined });

/** For how long, in milliseconds. */
function turnAway(standing: Standing, now: number): number {
  const { since, last } = standing.turningAway ?? { since: now, last: now };
  // Nobody has come back for so long: what they waited for is over.
  const begun = now - last > 2 * LONGEST ? now : since;
  standing.turningAway = { since: begun, last: now };
  return Math.min(LONGEST, Math.max(SHORTEST, now - begun));
}

/** Whether a call shows that Botpress takes the connection's events, or that it does not, or neither. */
function isProof(result: SendResult): boolean | undefined {
  switch (result.kind) {
    case 'created':
      return true;
    case 'refused':
      return !isRefusalOfBot(result.refusal.status);
    case 'not_sent':
    case 'ambiguous':
      return undefined;
  }
}
