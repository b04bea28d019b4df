import type { ConnectionQueue, HoldCause, WorkspaceWindow } from '../records/outcome.ts';

/** Decides for all workers which delivery may be sent when. Each call is one round trip. */
export interface Scheduler {
  /** Asks for a permit. If it is granted, the start of the attempt is recorded. */
  acquire(request: PermitRequest): Promise<Permit>;
  /**
   * Clears the record of an attempt that is known to have created no event.
   *
   * @param startedAt which attempt, from its permit: a worker that was frozen for minutes must not clear the record of
   *   another worker's attempt
   * @param workspace window of the bot, whose count of events is corrected
   */
  clearAttempt(deliveryId: string, startedAt: number, workspace?: WorkspaceWindow): Promise<void>;
  /**
   * Pauses a bot after a 429, for at most an hour. It continues at four fifths of its limit, which grows back by a tenth
   * of the configured limit a minute.
   *
   * @param duration milliseconds; by default a second, twice as long each time the bot is paused again at once, up to a
   *   minute
   */
  pauseBot(botId: string, duration?: number): Promise<void>;
  /** Records what Botpress reported of a bot's limit per minute. Only values below the scheduler's own take effect. */
  recordLimit(botId: string, reported: ReportedLimit): Promise<void>;
  /**
   * Counts a failure of a connection: its token, plan or bot, or one refused event after another. Holds the connection
   * after `limit` failures in a row.
   *
   * @returns whether the connection is held, and whether this call did it
   */
  recordFailure(connection: string, failure: ConnectionFailure): Promise<{ held: boolean; now: boolean }>;
  /** Records that an event was created: failures are forgotten. Returns whether this ended a hold by refusals. */
  recordSuccess(connection: string): Promise<boolean>;
  /** Holds a connection on behalf of an operator, until `resumeConnection`. */
  pauseConnection(connection: string, by: Operator): Promise<void>;
  /** Ends a hold of either kind. Returns whether there was one. */
  resumeConnection(connection: string, by: Operator): Promise<boolean>;
  heldConnections(): Promise<readonly HeldConnection[]>;
}

/** The values of the `RateLimit-*` headers. */
export interface ReportedLimit {
  readonly limit?: number;
  readonly remaining?: number;
  /** Milliseconds until the limit is whole again. */
  readonly reset?: number;
}

export interface ConnectionFailure {
  /** Safe to show: status and type, no payload. */
  readonly reason: string;
  /** `bot`: token, plan or bot. `event`: an event was refused. They are counted separately. */
  readonly kind: 'bot' | 'event';
  /** Failures in a row that hold the connection. */
  readonly limit: number;
}

/** Who acts and why, for the audit log. */
export interface Operator {
  readonly who: string;
  readonly reason: string;
}

/** A delivery that is mapped and ready to be sent. */
export interface PermitRequest extends ConnectionQueue {
  readonly deliveryId: string;
  /** The lock of the reserved job. Without it another worker may have the delivery, so nothing may be sent. */
  readonly lock: string;
  /**
   * Start of the earlier attempt that was looked up at Botpress and left no event, in milliseconds since the epoch. Its
   * record is cleared, unless another attempt has started since.
   */
  readonly absentSince?: number;
  /**
   * Milliseconds for which calls in flight of the same connection block this one. The permit is then `later` instead of
   * `granted`, or `paced` if that is long.
   */
  readonly notBefore?: number;
}

/**
 * Times are in milliseconds since the epoch. `startedAt` is by Redis' clock, which all workers share. `until`, when a
 * parked delivery asks again if it is not dispatched, is by this process' clock, as BullMQ's delays are.
 */
export type Permit =
  /** Send now. The start of the attempt is recorded. */
  | {
      readonly kind: 'granted';
      readonly startedAt: number;
      /** The connection has failures or is held: report a success to the scheduler. */
      readonly isTripped: boolean;
      readonly delayedBy?: DelayCause;
      /** Milliseconds in the connection queue, if the delivery waited there for its bot's limit just before. */
      readonly pacedFor?: number;
    }
  /** An earlier attempt started then, with an unknown result: look it up before sending. */
  | {
      readonly kind: 'in_doubt';
      readonly startedAt: number;
      /** Milliseconds since then, by the same clock. */
      readonly age: number;
      readonly delayedBy?: DelayCause;
      /** Events of the delivery that its bot failed or ignored, if any: none is the event of this attempt. */
      readonly earlierEvents?: readonly string[];
    }
  /** The limit of the bot or the window of its workspace is used up, the bot is paused, or others are first: park. */
  | { readonly kind: 'paced'; readonly until: number }
  /** The connection is held: park. */
  | {
      readonly kind: 'held';
      readonly until: number;
      readonly cause: HoldCause;
      readonly reason: string;
      /** HTTP status of the last refusal; undefined if an operator holds the connection. */
      readonly status?: number;
    }
  /** Granted except for `notBefore`, or for a permit that comes too early for the window: ask again then. */
  | { readonly kind: 'later'; readonly until: number }
  /** Another worker has the lock: give up, and change nothing. */
  | { readonly kind: 'lost' };

/**
 * Why a delivery is late regardless of its attempts: an operator replayed it, or it waited in its connection queue before
 * this attempt or an earlier one, in any process.
 */
export type DelayCause = 'replay' | 'queue';

export interface HeldConnection {
  readonly connection: string;
  readonly by: HoldCause;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** When the next delivery is tried; undefined if an operator holds the connection. */
  readonly probeAt?: number;
  /** Deliveries in its queue. */
  readonly waiting: number;
}
