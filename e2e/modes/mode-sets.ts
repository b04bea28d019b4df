/** One row of the table, or two: without a probe and after one. */
export interface ModeSet {
  /** Unique name, for `--modes`. */
  readonly name: string;
  /** Modes of the sandbox. `apps/sandbox/README.md` describes them. */
  readonly modes: Readonly<Record<string, unknown>>;
  /** Whether recorded facts of a probe can change the result. The set then runs with and without them. */
  readonly isProbed?: true;
  /** Budget of the retries. Default: that of a connection, 24 hours. */
  readonly retryFor?: string;
  /** Calls per second of a workspace that the workers know of. Default: no limit, so that the sandbox rejects calls. */
  readonly knownCallsPerSecond?: number;
}

/** Milliseconds after the start of an attempt in which its event must be listed (`SLUICE_SETTLE_MS`). */
export const SETTLE = 6_000;

/** Bytes of a payload: more than those of an order, and less than with its full body. */
const SMALL_PAYLOAD = 6_000;

/** Ends the retries of a lookup that never succeeds after 36 s. */
const SHORT_BUDGET = '1m';

/** Modes of a workspace window that the workers do not know, so that calls are rejected. */
const rejecting = (modes: ModeSet['modes']) => ({ workspaceCallsPerSecond: 100, ...modes });

/** All sets, for runs of `events` webhooks. */
export function modeSets(events: number): readonly ModeSet[] {
  return [
    { name: 'documented', modes: {} },
    { name: 'prefixed', modes: { eventType: 'prefixed' }, isProbed: true },
    { name: 'page-size', modes: { pageSize: 'ignored' }, isProbed: true },
    { name: 'prefixed-page-size', modes: { eventType: 'prefixed', pageSize: 'ignored' }, isProbed: true },
    { name: 'listed-late', modes: { listingDelayMs: SETTLE - 1_000 }, isProbed: true },
    { name: 'listed-too-late', modes: { listingDelayMs: SETTLE + 4_000 }, isProbed: true },
    { name: 'never-listed', modes: { listingDelayMs: 86_400_000 }, isProbed: true, retryFor: SHORT_BUDGET },
    { name: 'workspace', modes: { workspaceCallsPerSecond: 100 }, knownCallsPerSecond: 100 },
    // Every event and lookup over the number of events waits for the next minute.
    { name: 'count-reads', modes: { countReads: true, eventsPerMinute: events } },
    { name: 'headers-workspace', modes: rejecting({ rateLimitHeaders: 'workspace' }) },
    { name: 'headers-bot', modes: rejecting({ rateLimitHeaders: 'bot', eventsPerMinute: 2 * events }) },
    { name: 'headers-none', modes: rejecting({ rateLimitHeaders: 'none' }) },
    { name: 'retry-after-seconds', modes: rejecting({ retryAfter: 'seconds' }) },
    { name: 'retry-after-date', modes: rejecting({ retryAfter: 'date' }) },
    { name: 'error-body', modes: rejecting({ rateLimitBody: 'error' }) },
    { name: 'definitions', modes: { definitions: 'required' } },
    { name: 'id-length', modes: { idLength: 36 } },
    { name: 'payload-bytes', modes: { maxPayloadBytes: SMALL_PAYLOAD } },
  ];
}
