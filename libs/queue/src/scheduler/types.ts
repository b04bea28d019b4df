import type { ConnectionQueue, HoldCause } from '../records/outcome.ts';

/** Decides, for all workers together, whose event may be sent when. One round trip a call. */
export interface Scheduler {
  /** Asks for a turn, and puts on record that an attempt begins if it is given. */
  acquire(request: PermitRequest): Promise<Permit>;
  /**
   * Puts the record of an attempt away that is known to have created nothing.
   *
   * @param startedAt which attempt, as its turn said: a worker that was frozen for minutes must not put away the
   *   record of another's
   */
  clearAttempt(deliveryId: string, startedAt: number): Promise<void>;
  /**
   * Botpress asked the bot to come back after so many milliseconds (429): it pauses, at most an hour, and goes on
   * at four fifths of its limit, which grows back by a tenth of the configured one a minute.
   */
  pauseBot(botId: string, duration: number): Promise<void>;
  /** Botpress told what is left to the bot of its limit. Only what is less than the gate reckoned with counts. */
  recordLimit(botId: string, told: ReportedLimit): Promise<void>;
  /**
   * Counts a refusal of a connection (its token, plan or bot; or of one event after another), and holds the
   * connection when there were `limit` in a row.
   *
   * @returns whether it is held now, and whether this call did it
   */
  recordFailure(connection: string, strike: ConnectionFailure): Promise<{ held: boolean; now: boolean }>;
  /** An event was created: refusals are forgotten, and a hold by refusals ends. Returns whether one ended. */
  recordSuccess(connection: string): Promise<boolean>;
  /** An operator holds a connection until `release`. */
  pauseConnection(connection: string, by: Operator): Promise<void>;
  /** Ends a hold of either kind. Returns whether there was one. */
  resumeConnection(connection: string, by: Operator): Promise<boolean>;
  heldConnections(): Promise<readonly HeldConnection[]>;
}

/** What `RateLimit-*` headers said. */
export interface ReportedLimit {
  readonly limit?: number;
  readonly remaining?: number;
  /** Milliseconds until the limit is whole again. */
  readonly reset?: number;
}

export interface ConnectionFailure {
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

/** Whose turn is asked for: a delivery that is mapped and ready to be sent. */
export interface PermitRequest extends ConnectionQueue {
  readonly deliveryId: string;
  /** The lock of this taking. Without it another worker may have the delivery, so nothing may be sent. */
  readonly lock: string;
  /**
   * When the earlier attempt began that has been looked up at Botpress and left no event, in milliseconds
   * since the epoch: its record is put away, if it is still that one.
   */
  readonly absentSince?: number;
  /**
   * So many calls of the connection are under way that this one has to wait for them, and about so many
   * milliseconds: `later`, or `paced` if that is long, instead of `go`.
   */
  readonly notBefore?: number;
}

/**
 * Times are in milliseconds since the epoch. `startedAt` is by Redis' clock, which all workers share; `until`,
 * the net under a delivery that nobody calls back, is by the clock of this process, as BullMQ's delays are.
 */
export type Permit =
  /** Send now; that an attempt began is on record. */
  | {
      readonly kind: 'granted';
      readonly startedAt: number;
      /** Botpress has refused the connection, or holds are to be ended: tell the gate of a success. */
      readonly isTripped: boolean;
    }
  /** An earlier attempt began then, and nobody knows what came of it: look before anything is sent. */
  | {
      readonly kind: 'in_doubt';
      readonly startedAt: number;
      /** Milliseconds since then, by the same clock. */
      readonly age: number;
    }
  /** The bot's limit, or its pause, or others before it: wait in the lane of the connection. */
  | { readonly kind: 'paced'; readonly until: number }
  /** The connection is held: wait in its lane. */
  | {
      readonly kind: 'held';
      readonly until: number;
      readonly cause: HoldCause;
      readonly reason: string;
      /** HTTP status of the last refusal; undefined where an operator holds. */
      readonly status?: number;
    }
  /** It would be its turn, but for `notBefore`: ask again then. */
  | { readonly kind: 'later'; readonly until: number }
  /** The lock is another's: give up, and touch nothing. */
  | { readonly kind: 'lost' };

/** Why a connection's deliveries wait, and since when. */
export interface HeldConnection {
  readonly connection: string;
  readonly by: HoldCause;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** When one delivery is tried next; undefined where an operator holds. */
  readonly probeAt?: number;
  /** Deliveries that wait in its lane. */
  readonly waiting: number;
}
