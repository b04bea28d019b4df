import type { RateLimit } from './results.ts';
import type { ResponseHeaders } from './transport.ts';

/** Milliseconds. A longer wait is a mistake of the sender: it would end the retries of a delivery, or stop a bot for days. */
const MAX_RETRY_AFTER = 3_600_000;

/**
 * Reads a `Retry-After` header: seconds or a date (RFC 9110, 10.2.3).
 *
 * @param now milliseconds since the epoch
 * @returns milliseconds from now, from 0 to an hour; undefined if the header is missing or invalid
 */
export function readRetryAfter(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') return undefined;
  const seconds = Number(header);
  const wait = Number.isFinite(seconds) ? seconds * 1_000 : Math.max(0, Date.parse(header) - now);
  return wait >= 0 ? Math.min(wait, MAX_RETRY_AFTER) : undefined;
}

/** Seconds. A value over a day is a timestamp and is ignored. */
const MAX_RESET = 86_400;

/** A whole number, alone or followed by the parameters of the header drafts: `600, 600;w=60`. */
const WHOLE_NUMBER = /^\s*(\d{1,9})\s*(?:$|[,;])/;

const MINUTE = 60_000;

/**
 * Reads `RateLimit-Limit`, `-Remaining` and `-Reset` (seconds). Never throws; invalid values are ignored.
 *
 * Botpress documents the headers for "the current time window", without its length. A limit of 100 may be meant per
 * second or per minute, so it is used only if the header states its window (`600;w=60`, as in the header drafts). Without
 * a window the headers are used only in a 429, and only the time until there is room again.
 *
 * @param headers response headers with lower-case names
 * @param status HTTP status of the response
 * @returns undefined if the headers state nothing that can be used
 */
export function readRateLimit(headers: ResponseHeaders, status: number): RateLimit | undefined {
  const quota = readWholeNumber(headers['ratelimit-limit']);
  const remaining = readWholeNumber(headers['ratelimit-remaining']);
  const reset = readWholeNumber(headers['ratelimit-reset']);
  const untilReset = reset === undefined || reset > MAX_RESET ? {} : { reset: reset * 1_000 };
  // A limit of 0 would stop all calls forever.
  const window = quota ? readWindow(headers, quota) : undefined;
  if (quota && window) {
    const limit = Math.max(1, Math.floor((quota * MINUTE) / window));
    return { limit, ...(remaining === undefined ? {} : { remaining }), ...untilReset };
  }
  return status === 429 && untilReset.reset !== undefined ? untilReset : undefined;
}

/** Returns the window of a quota in milliseconds; undefined if no header states it. */
function readWindow(headers: ResponseHeaders, quota: number): number | undefined {
  const seconds = ['ratelimit-limit', 'ratelimit-policy']
    .map((name) => headers[name])
    .flatMap((header) => (typeof header === 'string' ? header.split(',') : []))
    .map((policy) => /^\s*(\d{1,9})\s*;(?:.*;)?\s*w=(\d{1,6})\s*(?:$|;)/.exec(policy))
    .find((policy) => Number(policy?.[1]) === quota)?.[2];
  return seconds === undefined || Number(seconds) === 0 ? undefined : Number(seconds) * 1_000;
}

function readWholeNumber(header: unknown): number | undefined {
  const digits = typeof header === 'string' ? WHOLE_NUMBER.exec(header)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}

/** Returns a property of a parsed response body; undefined if `value` is not an object. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
