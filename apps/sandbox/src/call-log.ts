/**
 * Outcomes of a call. open: no response yet · answered: response sent, with `status` · held: response waits for
 * its release · hung: never gets a response · reset: connection reset.
 */
export const CALL_OUTCOMES = ['open', 'answered', 'held', 'hung', 'reset'] as const;

export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** One createEvent call. `outcome`, `status`, `eventId` and `faultId` change while it is processed. */
export interface Call {
  /** Time when its headers were read, in milliseconds since the epoch. */
  readonly at: number;
  readonly botId: string | null;
  readonly integrationId: string | null;
  readonly type: string | null;
  readonly deliveryId: string | null;
  outcome: CallOutcome;
  /** HTTP status of the response, if one was sent. */
  status: number | null;
  /** Set if the call was committed, whether or not the caller received the response. */
  eventId: string | null;
  /** The fault that applied to the call. */
  faultId: string | null;
}

/** The newest calls, in order of arrival. */
export interface CallLog {
  /** Number of calls since the last reset, including those no longer kept. */
  readonly total: number;
  add(call: Call): void;
  newestFirst(): Iterable<Call>;
  clear(): void;
}

/** Creates a log of the newest `keep` calls. */
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
