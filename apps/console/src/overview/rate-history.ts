import type { Ledger, LedgerRow } from '@sluice/queue';
import { type Flow, noFlow, plus } from './flow.ts';

/** Milliseconds. */
const MINUTE = 60_000;
const MINUTES_KEPT = 60;

/** Milliseconds between two looks above which nobody knows which minute something came in. */
const LONGEST_GAP = 35_000;

export interface MinutePoint extends Flow {
  /** When the minute began, in milliseconds since the epoch. */
  readonly at: number;
}

/** What was seen of a connection. */
export interface Traffic {
  /** Of the last 60 s, or since the first look. */
  readonly lately: Flow;
  /** Milliseconds that `lately` is about; 0 before there were two looks. */
  readonly span: number;
  /** A point for each minute that was watched, the oldest first; the last has just begun. */
  readonly history: readonly MinutePoint[];
  /** When webhooks came last, in milliseconds since the epoch. */
  readonly lastSeen: number | undefined;
}

interface Seen {
  readonly counters: Flow;
  readonly minutes: Map<number, Flow>;
  readonly recent: readonly (Flow & { readonly at: number })[];
  readonly lastSeen: number | undefined;
}

export interface RateHistory {
  /** Takes what the ledger says at a moment, in milliseconds since the epoch. */
  take(ledger: Pick<Ledger, 'rows'>, at: number): void;
  read(connection: string, at: number): Traffic;
  /** Milliseconds since the epoch; undefined before the first look. */
  readonly since: number | undefined;
}

/**
 * Remembers what came and went, by the ledger's counters: an hour of minutes for each connection of the ledger, and only
 * those in which something did. 5,000 busy connections take some 30 MB.
 */
export function createRateHistory(): RateHistory {
  const seen = new Map<string, Seen>();
  /** Minutes of which something was watched. */
  const watched = new Set<number>();
  /** The looks of the last minute or so. */
  let looks: readonly number[] = [];
  let since: number | undefined;
  return {
    get since() {
      return since;
    },
    take({ rows }, at) {
      since ??= at;
      const last = looks.at(-1);
      const isGap = last === undefined || at - last > LONGEST_GAP;
      looks = isGap ? [at] : [...looks.filter((look) => at - look <= MINUTE), at];
      watched.add(minuteOf(at));
      for (const minute of watched) if (isOver(minute, at)) watched.delete(minute);
      for (const row of rows)
        seen.set(row.connection, follow(seen.get(row.connection), row, { at, last, isGap }));
    },
    read(connection, at) {
      const one = seen.get(connection);
      const began = looks[0];
      return {
        lately: (one?.recent ?? []).filter((part) => at - part.at < MINUTE).reduce<Flow>(plus, noFlow),
        span: began === undefined ? 0 : Math.min(MINUTE, at - began),
        history: [...watched].map((minute) => ({ at: minute, ...(one?.minutes.get(minute) ?? noFlow) })),
        lastSeen: one?.lastSeen,
      };
    },
  };
}

const minuteOf = (at: number) => at - (at % MINUTE);
const isOver = (minute: number, at: number) => minuteOf(at) - minute >= MINUTES_KEPT * MINUTE;

interface Look {
  readonly at: number;
  /** When was looked before. */
  readonly last: number | undefined;
  readonly isGap: boolean;
}

function follow(before: Seen | undefined, row: LedgerRow, { at, last, isGap }: Look): Seen {
  const counters = countersOf(row);
  // A connection that the ledger did not have yet began at nothing.
  const was = before?.counters ?? (isGap ? counters : noFlow);
  const came = minus(counters, was);
  const minutes = before?.minutes ?? new Map<number, Flow>();
  for (const minute of minutes.keys()) if (isOver(minute, at)) minutes.delete(minute);
  const recent = (before?.recent ?? []).filter((part) => at - part.at < MINUTE);
  // After a gap, all that is known is that it was not before the last look.
  const seenAt = isGap ? last : at;
  const lastSeen = came.webhooks > 0 ? seenAt : before?.lastSeen;
  const isAtRest = came.webhooks === 0 && came.events === 0 && came.accepted === 0;
  if (isGap || isAtRest) return { counters, minutes, recent: isGap ? [] : recent, lastSeen };
  minutes.set(minuteOf(at), plus(minutes.get(minuteOf(at)) ?? noFlow, came));
  return { counters, minutes, recent: [...recent, { at, ...came }], lastSeen };
}

const countersOf = ({ accepted, duplicates, ignored, replayed, delivered }: LedgerRow): Flow => ({
  webhooks: accepted + duplicates + ignored,
  accepted: accepted + replayed,
  events: delivered,
});

/** Counters that are less than they were are those of another Redis: then it begins again. */
function minus(now: Flow, was: Flow): Flow {
  const isLess = now.webhooks < was.webhooks || now.events < was.events;
  if (isLess) return noFlow;
  return {
    webhooks: now.webhooks - was.webhooks,
    accepted: now.accepted - was.accepted,
    events: now.events - was.events,
  };
}
