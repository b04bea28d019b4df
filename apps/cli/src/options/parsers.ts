import { MAX_TERMS, type PayloadTerm, payloadTerm, toTerm } from '@sluice/queue';
import { InvalidArgumentError } from 'commander';

const MAX_COUNT = 10_000_000;

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Parses a count of at least 1 in plain digits. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MAX_COUNT) return count;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${MAX_COUNT}.`);
}

/** Parses a rate per second, which may be below 1. */
export function parseRate(text: string): number {
  const rate = Number(text);
  if (/^\d*\.?\d+$/.test(text) && rate > 0) return rate;
  throw new InvalidArgumentError('Expected a number above 0, in webhooks per second.');
}

/** Parses the address of ingest. */
export function parseIngestUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new InvalidArgumentError('Expected an http:// or https:// address.');
}

/**
 * Parses a time: an age (30m, 2h, 3d), or a date with an optional time, in UTC unless it names a time zone.
 *
 * @returns milliseconds since the epoch
 */
export function parseMoment(text: string, now: number = Date.now()): number {
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (amount && unit) return now - Number(amount) * UNITS[unit as keyof typeof UNITS];
  const [, day, time = 'T00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const moment = Date.parse(`${day}${time}${zone}`);
  if (moment >= 0) return moment;
  throw new InvalidArgumentError('Expected an age (30m, 2h, 3d) or a time (2026-11-25T03:00Z).');
}

/** Parses `name=value` and appends it to the previous terms. */
export function parseTerms(text: string, before: readonly PayloadTerm[] = []): readonly PayloadTerm[] {
  const term = payloadTerm.safeParse(toTerm(text));
  if (!term.success) throw new InvalidArgumentError('Expected name=value, for example order_id=1042.');
  if (before.length >= MAX_TERMS) throw new InvalidArgumentError(`Expected at most ${MAX_TERMS} values.`);
  return [...before, term.data];
}
