/** Beyond this many seconds (the year 5138) a number is not a time in seconds. */
const MAX_SECONDS = 99_999_999_999;

/**
 * Reads Meta's timestamps: seconds since the epoch, as text or as a number.
 *
 * @returns milliseconds since the epoch, undefined for everything else
 */
export function readSeconds(timestamp: unknown): number | undefined {
  if (typeof timestamp === 'string' && !/^\d{1,11}$/.test(timestamp)) return undefined;
  if (typeof timestamp !== 'string' && typeof timestamp !== 'number') return undefined;
  const seconds = Number(timestamp);
  return Number.isSafeInteger(seconds) && seconds >= 0 && seconds <= MAX_SECONDS ? seconds * 1000 : undefined;
}
