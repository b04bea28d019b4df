import type { Hold, Turn, TurnRequest } from './turn.ts';

/** Decides, for all workers together, whose event may be sent when. One round trip a call. */
export interface Gate {
  /** Asks for a turn, and puts on record that an attempt begins if it is given. */
  begin(request: TurnRequest): Promise<Turn>;
  /**
   * Puts the record of an attempt away that is known to have created nothing.
   *
   * @param startedAt which attempt, as its turn said: a worker that was frozen for minutes must not put away the
   *   record of another's
   */
  clear(deliveryId: string, startedAt: number): Promise<void>;
  /**
   * Botpress asked the bot to come back after so many milliseconds (429): it pauses, at most an hour, and goes on
   * at four fifths of its limit, which grows back by a tenth of the configured one a minute.
   */
  pause(botId: string, duration: number): Promise<void>;
  /** Botpress told what is left to the bot of its limit. Only what is less than the gate reckoned with counts. */
  learn(botId: string, told: ToldLimit): Promise<void>;
  /**
   * Counts a refusal of a connection (its token, plan or bot; or of one event after another), and holds the
   * connection when there were `limit` in a row.
   *
   * @returns whether it is held now, and whether this call did it
   */
  strike(connection: string, strike: Strike): Promise<{ held: boolean; now: boolean }>;
  /** An event was created: refusals are forgotten, and a hold by refusals ends. Returns whether one ended. */
  succeed(connection: string): Promise<boolean>;
  /** An operator holds a connection until `release`. */
  hold(connection: string, by: Operator): Promise<void>;
  /** Ends a hold of either kind. Returns whether there was one. */
  release(connection: string, by: Operator): Promise<boolean>;
  holds(): Promise<readonly Hold[]>;
}

/** What `RateLimit-*` headers said. */
export interface ToldLimit {
  readonly limit?: number;
  readonly remaining?: number;
  /** Milliseconds until the limit is whole again. */
  readonly reset?: number;
}

export interface Strike {
  /** Safe to show: status and type, no payload. */
  readonly reason: string;
  /** `bot`: token, plan, bot. `event`: an event was refused. They are counted apart. */
  readonly kind: 'bot' | 'event';
  /** How many in a row hold the connection. */
  readonly limit: number;
}

/** Who acts, for the audit line. */
export interface Operator {
  readonly who: string;
  readonly reason: string;
}
