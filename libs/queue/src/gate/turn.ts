/** Where a delivery waits for its turn: among those of its connection, for its bot. */
export interface Lane {
  readonly connection: string;
  readonly bot: BotLimit;
  /** Weight against other connections of the same bot. */
  readonly share: number;
}

/** Whose turn is asked for: a delivery that is mapped and ready to be sent. */
export interface TurnRequest extends Lane {
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

export interface BotLimit {
  readonly id: string;
  readonly eventsPerMinute: number;
}

/**
 * Times are in milliseconds since the epoch. `startedAt` is by Redis' clock, which all workers share; `until`,
 * the net under a delivery that nobody calls back, is by the clock of this process, as BullMQ's delays are.
 */
export type Turn =
  /** Send now; that an attempt began is on record. */
  | {
      readonly kind: 'go';
      readonly startedAt: number;
      /** Botpress has refused the connection, or holds are to be ended: tell the gate of a success. */
      readonly struck: boolean;
    }
  /** An earlier attempt began then, and nobody knows what came of it: look before anything is sent. */
  | {
      readonly kind: 'unsettled';
      readonly startedAt: number;
      /** Milliseconds since then, by the same clock. */
      readonly age: number;
    }
  /** The bot's limit, or its pause, or others before it: wait in the lane of the connection. */
  | { readonly kind: 'paced'; readonly until: number }
  /** The connection is held: wait in its lane. */
  | { readonly kind: 'held'; readonly until: number; readonly reason: string }
  /** It would be its turn, but for `notBefore`: ask again then. */
  | { readonly kind: 'later'; readonly until: number }
  /** The lock is another's: give up, and touch nothing. */
  | { readonly kind: 'lost' };

/** Why a connection's deliveries wait, and since when. */
export interface Hold {
  readonly connection: string;
  readonly by: 'refusals' | 'operator';
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** When one delivery is tried next; undefined where an operator holds. */
  readonly probeAt?: number;
  /** Deliveries that wait in its lane. */
  readonly waiting: number;
}
