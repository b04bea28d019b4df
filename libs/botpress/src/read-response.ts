import type { RateLimit } from './results.ts';

/**
 * Reads a `Retry-After` header: seconds or a date (RFC 9110, 10.2.3).
 *
 * @param now milliseconds since the epoch
 * @returns milliseconds from now, at least 0; undefined if the header is missing or invalid
 */
export function readRetryAfter(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : undefined;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Seconds. Botpress counts per minute; a value over a day is a timestamp and is ignored. */
const MAX_RESET = 86_400;

/** A whole number, alone or followed by the parameters of the header drafts: `600, 600;w=60`. */
const WHOLE_NUMBER = /^\s*(\d{1,9})\s*(?:$|[,;])/;

/**
 * Reads `RateLimit-Limit`, `-Remaining` and `-Reset` (seconds). Never throws; invalid values are ignored.
 *
 * @param headers response headers with lower-case names
 * @returns undefined if no valid header is present
 */
export function readRateLimit(headers: unknown): RateLimit | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const read = (name: string) => readWholeNumber((headers as Readonly<Record<string, unknown>>)[name]);
  const limit = read('ratelimit-limit');
  const remaining = read('ratelimit-remaining');
  const reset = read('ratelimit-reset');
  const rateLimit: RateLimit = {
    // A limit of 0 would stop all calls forever.
    ...(limit === undefined || limit === 0 ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(reset === undefined || reset > MAX_RESET ? {} : { reset: reset * 1_000 }),
  };
  return Object.keys(rateLimit).length > 0 ? rateLimit : undefined;
}

function readWholeNumber(header: unknown): number | undefined {
  const digits = typeof header === 'string' ? WHOLE_NUMBER.exec(header)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}

/** Returns a property of a parsed response body; undefined if `value` is not an object. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
