import { applyPatch } from 'rfc6902';
import type { JsonPatch } from '../records/edit.ts';

/** A change of a delivery's body: a patch, or a new body. */
export type Change = { readonly patch: JsonPatch } | { readonly body: string };

export type ChangeResult =
  | { readonly ok: true; readonly body: string }
  | { readonly ok: false; readonly why: string };

/** Applies a change to a body. Never throws; messages contain paths and never values, except a number that is too long. */
export function applyChange(body: string, change: Change): ChangeResult {
  if ('body' in change) {
    return parse(change.body).ok
      ? { ok: true, body: change.body }
      : { ok: false, why: 'The new body is not JSON.' };
  }
  const parsed = parse(body);
  if (!parsed.ok) return { ok: false, why: 'The body is not JSON. Pass a new body instead of a patch.' };
  const inexact = findInexact(body);
  if (inexact !== undefined) {
    const why = `The body has a number that a patch would round (${inexact.slice(0, 40)}). Pass a new body instead.`;
    return { ok: false, why };
  }
  // A patch may replace the root as well, so the root is a property here.
  const document = { root: parsed.value };
  const patch = change.patch.map((operation) => ({
    ...operation,
    path: `/root${operation.path}`,
    ...('from' in operation ? { from: `/root${operation.from}` } : {}),
  }));
  const failed = applyPatch(document, patch).findIndex((error) => error !== null);
  if (failed === -1) return { ok: true, body: JSON.stringify(document.root) };
  const { op, path } = change.patch[failed] ?? { op: 'test', path: '' };
  const why = op === 'test' ? 'the value is different' : 'the path does not exist';
  return { ok: false, why: `Operation ${failed + 1} of the patch failed (${op} ${path}): ${why}.` };
}

function parse(text: string): { readonly ok: true; readonly value: unknown } | { readonly ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

/** Strings, which are skipped, and numbers of a JSON text. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Digits that a double represents for every number. */
const EXACT_DIGITS = 15;

/**
 * Returns a number of a JSON text that would change if the text were parsed and serialized, for example an id above
 * 2^53; undefined if there is none.
 */
function findInexact(json: string): string | undefined {
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
