import type { RateLimit } from './results.ts';

/**
 * Reads a `Retry-After` header: seconds, or a date (RFC 9110, 10.2.3).
 *
 * @param now milliseconds since the epoch
 * @returns milliseconds from now, never negative; undefined if there is none or it makes no sense
 */
export function readRetryAfter(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : undefined;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** A minute is what Botpress counts in. Whoever says more than a day means a date, and is not understood. */
const LONGEST_RESET = 86_400;

/** A whole number, alone or before what the drafts of the headers add to it: `600, 600;w=60`. */
const WHOLE = /^\s*(\d{1,9})\s*(?:$|[,;])/;

/**
 * Reads `RateLimit-Limit`, `-Remaining` and `-Reset` (seconds). Never throws: what makes no sense is ignored.
 *
 * @param headers of an answer, their names in lower case
 * @returns undefined if no header is present
 */
export function readRateLimit(headers: unknown): RateLimit | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const read = (name: string) => readWhole((headers as Readonly<Record<string, unknown>>)[name]);
  const limit = read('ratelimit-limit');
  const remaining = read('ratelimit-remaining');
  const reset = read('ratelimit-reset');
  const rateLimit: RateLimit = {
    // To keep to a limit of none would be never to call again.
    ...(limit === undefined || limit === 0 ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(reset === undefined || reset > LONGEST_RESET ? {} : { reset: reset * 1_000 }),
  };
  return Object.keys(rateLimit).length > 0 ? rateLimit : undefined;
}

function readWhole(header: unknown): number | undefined {
  const digits = typeof header === 'string' ? WHOLE.exec(header)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}
