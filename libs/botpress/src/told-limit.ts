import type { ToldLimit } from './send-result.ts';

/** A minute is what Botpress counts in. Whoever says more than a day means a date, and is not understood. */
const LONGEST_RESET = 86_400;

/** A whole number, alone or before what the drafts of the headers add to it: `600, 600;w=60`. */
const WHOLE = /^\s*(\d{1,9})\s*(?:$|[,;])/;

/**
 * Reads `RateLimit-Limit`, `-Remaining` and `-Reset` (seconds). Never throws: what makes no sense was not told.
 *
 * @param headers of an answer, their names in lower case
 * @returns undefined if nothing was told
 */
export function readToldLimit(headers: unknown): ToldLimit | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const read = (name: string) => readWhole((headers as Readonly<Record<string, unknown>>)[name]);
  const limit = read('ratelimit-limit');
  const remaining = read('ratelimit-remaining');
  const reset = read('ratelimit-reset');
  const told: ToldLimit = {
    // To keep to a limit of none would be never to call again.
    ...(limit === undefined || limit === 0 ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(reset === undefined || reset > LONGEST_RESET ? {} : { reset: reset * 1_000 }),
  };
  return Object.keys(told).length > 0 ? told : undefined;
}

function readWhole(header: unknown): number | undefined {
  const digits = typeof header === 'string' ? WHOLE.exec(header)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}
