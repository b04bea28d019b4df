/**
 * What became of a call. open: not answered yet · answered: with `status` · held: waits for its release ·
 * hung: never answered · reset: the connection was.
 */
export const CALL_OUTCOMES = ['open', 'answered', 'held', 'hung', 'reset'] as const;

export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** One createEvent call. `outcome`, `status`, `eventId` and `faultId` change as it goes on. */
export interface Call {
  /** When its headers were read, in milliseconds since the epoch. */
  readonly at: number;
  readonly botId: string | null;
  readonly integrationId: string | null;
  readonly type: string | null;
  readonly deliveryId: string | null;
  outcome: CallOutcome;
  /** HTTP status of the answer, if there was one. */
  status: number | null;
  /** Set when the call was committed, whether or not its caller learned of it. */
  eventId: string | null;
  /** The fault that struck it, if one did. */
  faultId: string | null;
}

/** The newest calls, in order of arrival. */
export interface CallLog {
  /** How many calls there were since the last reset, kept or not. */
  readonly total: number;
  add(call: Call): void;
  newestFirst(): Iterable<Call>;
  clear(): void;
}

/** Makes a log that keeps the newest `keep` calls. */
export function createCallLog(keep: number): CallLog {
  let ring: Call[] = [];
  let total = 0;
  return {
    get total() {
      return total;
    },
    add(call) {
      ring[total % keep] = call;
      total++;
    },
    *newestFirst() {
      for (let index = total - 1; index >= Math.max(0, total - keep); index--)
        yield ring[index % keep] as Call;
    },
    clear() {
      ring = [];
      total = 0;
    },
  };
}
