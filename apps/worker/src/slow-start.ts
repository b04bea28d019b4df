import type { ForwardResult, SendResult } from '@sluice/botpress';
import { classifyRefusal } from './decide-outcome.ts';

/** Concurrent calls allowed for an unproven connection: two workers stay below 5 in all. */
const UNPROVEN_LIMIT = 2;

/** Milliseconds for which one answer proves a connection. */
const PROVEN_FOR = 2_000;

/**
 * Bounds, in milliseconds, of the wait after a denied call. The wait equals how long calls have been denied so far: a
 * first call takes about 100 ms, one that hangs takes 15 s, and the deliveries behind it must not poll all the while.
 */
const SHORTEST_WAIT = 100;
const LONGEST_WAIT = 5_000;

interface ConnectionState {
  /** Calls that hold a permit now. */
  inFlight: number;
  /** Milliseconds since the epoch. */
  provenUntil: number;
  /** When calls were first and last denied since the connection was last proven. */
  denied: { readonly since: number; readonly last: number } | undefined;
}

/** Permission to call Botpress once. */
export interface CallPermit {
  /** Releases the permit. Pass the result if the call was made. Call it exactly once. */
  end(result?: SendResult | ForwardResult): void;
}

/** The call is denied for now. */
export interface RetryAfter {
  /** Milliseconds to wait. */
  readonly notBefore: number;
}

/**
 * Limits concurrent calls of a connection until Botpress is known to accept them. Without it, a revoked token is tried
 * by every delivery taken before the first refusal arrives: 30 at once after a quiet minute.
 *
 * Every answer that does not refuse the token, plan or bot proves the connection, including a 5xx, which the retry
 * schedule handles. Calls without an answer prove nothing, so a bot that hangs occupies at most two slots of a worker.
 */
export class SlowStart {
  readonly #connections = new Map<string, ConnectionState>();
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Returns a permit for one call of the connection, or how long to wait before the next try. */
  acquire(connection: string): CallPermit | RetryAfter {
    const now = this.#now();
    const state = this.#connections.get(connection) ?? newState();
    if (state.inFlight >= UNPROVEN_LIMIT && state.provenUntil <= now) {
      return { notBefore: deny(state, now) };
    }
    this.#connections.set(connection, state);
    state.inFlight++;
    return { end: (result) => this.#end(connection, state, result) };
  }

  #end(connection: string, state: ConnectionState, result: SendResult | ForwardResult | undefined): void {
    state.inFlight--;
    const proof = result && isProof(result);
    if (proof) {
      state.provenUntil = this.#now() + PROVEN_FOR;
      state.denied = undefined;
    }
    if (proof === false) state.provenUntil = 0;
    if (state.inFlight > 0 || state.denied || state.provenUntil > this.#now()) return;
    this.#connections.delete(connection);
  }
}

const newState = (): ConnectionState => ({ inFlight: 0, provenUntil: 0, denied: undefined });

/** Records a denied call and returns the wait in milliseconds. */
function deny(state: ConnectionState, now: number): number {
  const { since, last } = state.denied ?? { since: now, last: now };
  // No delivery came back for this long, so the earlier congestion is over.
  const start = now - last > 2 * LONGEST_WAIT ? now : since;
  state.denied = { since: start, last: now };
  return Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, now - start));
}

/** Returns true if the call proves the connection, false if it disproves it, `undefined` if it shows neither. */
function isProof(result: SendResult | ForwardResult): boolean | undefined {
  switch (result.kind) {
    case 'created':
    case 'forwarded':
      return true;
    case 'refused':
      return classifyRefusal(result.refusal.status) !== 'suspend';
    case 'not_sent':
    case 'ambiguous':
      return undefined;
  }
}
