/** Strings, which are passed over, and numbers of a JSON text. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Digits that a double holds whatever the number. */
const EXACT_DIGITS = 15;

/**
 * Finds a number in a JSON text that would be another one if the text were parsed and written again, as an id past
 * 2^53; undefined if there is none.
 */
export function findInexact(json: string): string | undefined {
  for (const [token] of json.matchAll(TOKENS)) {
    if (!token.startsWith('"') && !isExact(token)) return token;
  }
  return undefined;
}

function isExact(token: string): boolean {
  const number = Number(token);
  if (!Number.isFinite(number)) return false;
  if (Number.isSafeInteger(number) && /^-?\d+$/.test(token)) return true;
  const digits = token
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+|0+$/g, '');
  return digits.length <= EXACT_DIGITS;
}
