import { MAX_TERMS, type PayloadTerm, payloadTerm, toTerm } from '@sluice/queue';
import { InvalidArgumentError } from 'commander';

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads a moment: an age, as 30m, 2h or 3d ago, or a date with or without a time, which is taken as UTC where it
 * names no zone.
 *
 * @returns milliseconds since the epoch
 */
export function parseMoment(text: string, _before?: unknown, now: number = Date.now()): number {
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (amount && unit) return now - Number(amount) * UNITS[unit as keyof typeof UNITS];
  const [, day, time = 'T00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const moment = Date.parse(`${day}${time}${zone}`);
  if (moment >= 0) return moment;
  throw new InvalidArgumentError('Expected an age, as 30m, 2h or 3d, or a time, as 2026-11-25T03:00Z.');
}

/** Reads an HTTP status. */
export function parseStatus(text: string): number {
  if (/^[1-5]\d\d$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected an HTTP status, as 400.');
}

/** Reads `name=value`, and adds it to those before. */
export function parseTerms(text: string, before: readonly PayloadTerm[] = []): readonly PayloadTerm[] {
  const term = payloadTerm.safeParse(toTerm(text));
  if (!term.success) throw new InvalidArgumentError('Expected name=value, as order_id=1042.');
  if (before.length >= MAX_TERMS) throw new InvalidArgumentError(`Expected at most ${MAX_TERMS} of them.`);
  return [...before, term.data];
}
