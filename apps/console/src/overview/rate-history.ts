import type { Ledger, LedgerRow } from '@sluice/queue';

const MINUTE_MS = 60_000;
const MINUTES_KEPT = 60;

/** Longest time in milliseconds between two samples whose difference belongs to one minute. */
const MAX_GAP_MS = 35_000;

/** What a connection received and delivered in some period. */
interface Flow {
  /** Deliveries of webhooks, including duplicates and ignored ones. */
  readonly webhooks: number;
  /** Deliveries accepted for processing, including replays. */
  readonly accepted: number;
  readonly events: number;
}

const NO_FLOW: Flow = { webhooks: 0, accepted: 0, events: 0 };

function plus(one: Flow, other: Flow): Flow {
  return {
    webhooks: one.webhooks + other.webhooks,
    accepted: one.accepted + other.accepted,
    events: one.events + other.events,
  };
}

export interface MinutePoint extends Flow {
  /** Start of the minute in milliseconds since the epoch. */
  readonly at: number;
}

/** The measured rates of a connection. */
export interface Traffic {
  /** Flow of the last 60 s, or since the first sample. */
  readonly lately: Flow;
  /** Milliseconds of `lately`; 0 before the second sample. */
  readonly span: number;
  /** One point per measured minute, oldest first. The last one is incomplete. */
  readonly history: readonly MinutePoint[];
  /** Time of the last webhooks in milliseconds since the epoch. */
  readonly lastSeen: number | undefined;
}

interface Measured {
  readonly counters: Flow;
  readonly minutes: Map<number, Flow>;
  readonly recent: readonly (Flow & { readonly at: number })[];
  readonly lastSeen: number | undefined;
}

export interface RateHistory {
  /** Adds a sample of the ledger, at a time in milliseconds since the epoch. */
  add(ledger: Pick<Ledger, 'rows'>, at: number): void;
  read(connection: string, at: number): Traffic;
  /** Time of the first sample in milliseconds since the epoch. */
  readonly since: number | undefined;
}

/**
 * Creates a history of rates from samples of the ledger's counters. It keeps one hour per connection, and only minutes
 * with traffic: 5,000 busy connections take about 30 MB.
 */
export function createRateHistory(): RateHistory {
  const measured = new Map<string, Measured>();
  /** Minutes with a sample. */
  const minutes = new Set<number>();
  /** Times of the samples of the last minute. */
  let samples: readonly number[] = [];
  let since: number | undefined;
  return {
    get since() {
      return since;
    },
    add({ rows }, at) {
      since ??= at;
      const last = samples.at(-1);
      const isGap = last === undefined || at - last > MAX_GAP_MS;
      samples = isGap ? [at] : [...samples.filter((time) => at - time <= MINUTE_MS), at];
      minutes.add(minuteOf(at));
      for (const minute of minutes) if (isExpired(minute, at)) minutes.delete(minute);
      for (const row of rows)
        measured.set(row.connection, addRow(measured.get(row.connection), row, { at, last, isGap }));
    },
    read(connection, at) {
      const one = measured.get(connection);
      const first = samples[0];
      return {
        lately: (one?.recent ?? []).filter((part) => at - part.at < MINUTE_MS).reduce<Flow>(plus, NO_FLOW),
        span: first === undefined ? 0 : Math.min(MINUTE_MS, at - first),
        history: [...minutes].map((minute) => ({ at: minute, ...(one?.minutes.get(minute) ?? NO_FLOW) })),
        lastSeen: one?.lastSeen,
      };
    },
  };
}

const minuteOf = (at: number) => at - (at % MINUTE_MS);
const isExpired = (minute: number, at: number) => minuteOf(at) - minute >= MINUTES_KEPT * MINUTE_MS;

interface Sample {
  readonly at: number;
  /** Time of the previous sample. */
  readonly last: number | undefined;
  readonly isGap: boolean;
}

function addRow(before: Measured | undefined, row: LedgerRow, { at, last, isGap }: Sample): Measured {
  const counters = countersOf(row);
  // The counters of a connection that is new in the ledger began at 0.
  const previous = before?.counters ?? (isGap ? counters : NO_FLOW);
  const added = minus(counters, previous);
  const minutes = before?.minutes ?? new Map<number, Flow>();
  for (const minute of minutes.keys()) if (isExpired(minute, at)) minutes.delete(minute);
  const recent = (before?.recent ?? []).filter((part) => at - part.at < MINUTE_MS);
  // After a gap, webhooks arrived at an unknown time since the previous sample.
  const seenAt = isGap ? last : at;
  const lastSeen = added.webhooks > 0 ? seenAt : before?.lastSeen;
  const isIdle = added.webhooks === 0 && added.events === 0 && added.accepted === 0;
  if (isGap || isIdle) return { counters, minutes, recent: isGap ? [] : recent, lastSeen };
  minutes.set(minuteOf(at), plus(minutes.get(minuteOf(at)) ?? NO_FLOW, added));
  return { counters, minutes, recent: [...recent, { at, ...added }], lastSeen };
}

const countersOf = ({ accepted, duplicates, ignored, replayed, ...events }: LedgerRow): Flow => ({
  webhooks: accepted + duplicates + ignored,
  accepted: accepted + replayed,
  // Events that the bot failed or ignored have left `delivered`.
  events: events.delivered + events.botFailed + events.botIgnored,
});

/** Counters that decreased belong to another Redis, so the difference is unknown. */
function minus(current: Flow, previous: Flow): Flow {
  const isReset = current.webhooks < previous.webhooks || current.events < previous.events;
  if (isReset) return NO_FLOW;
  return {
    webhooks: current.webhooks - previous.webhooks,
    accepted: current.accepted - previous.accepted,
    events: current.events - previous.events,
  };
}

/** Milliseconds of measurement that make a rate meaningful. */
const MIN_SPAN_MS = 9_000;

/**
 * Returns the seconds until nothing is pending, at the slower of the bot's limit and its current rate, or null if the
 * pending deliveries do not decrease.
 */
export function drainTime(
  pending: number,
  { lately, span }: Pick<Traffic, 'lately' | 'span'>,
  eventsPerMinute: number | null,
): number | null {
  if (pending <= 0) return 0;
  if (span < MIN_SPAN_MS || lately.events <= lately.accepted) return null;
  const perMinute = Math.min((lately.events / span) * 60_000, eventsPerMinute ?? Number.POSITIVE_INFINITY);
  return Math.ceil((pending / perMinute) * 60);
}

/** Minutes with webhooks that establish a usual rhythm. */
const MIN_BUSY_MINUTES = 10;

/** A silence is unusual if it is this many times the longest previous one, and at least this many minutes. */
const SILENCE_FACTOR = 3;
const MIN_SILENCE_MINUTES = 5;

/**
 * Returns the minutes without webhooks if they are unusual: much longer than any previous pause of the connection.
 * Otherwise returns undefined.
 */
export function findSilence(history: readonly MinutePoint[]): number | undefined {
  const busy = history.flatMap(({ webhooks }, index) => (webhooks > 0 ? [index] : []));
  const last = busy.at(-1);
  if (last === undefined || busy.length < MIN_BUSY_MINUTES) return undefined;
  const longest = Math.max(...busy.slice(1).map((index, before) => index - (busy[before] ?? index)));
  const silent = history.length - 1 - last;
  return silent >= Math.max(MIN_SILENCE_MINUTES, SILENCE_FACTOR * longest) ? silent : undefined;
}
