import { applyPatch } from 'rfc6902';
import { z } from 'zod';

/** JSON Pointer, RFC 6901: empty for the whole, else every part after a slash. */
const pointer = z.string().regex(/^(\/.*)?$/s, 'expected a JSON Pointer, as /customer/email');

/** A JSON Patch, RFC 6902. */
export const jsonPatch = z
  .array(
    z.discriminatedUnion('op', [
      z.strictObject({
        op: z.enum(['add', 'replace', 'test']),
        path: pointer,
        value: z.json().register(z.globalRegistry, { id: 'JsonValue', description: 'Any JSON value.' }),
      }),
      z.strictObject({ op: z.literal('remove'), path: pointer }),
      z.strictObject({ op: z.enum(['move', 'copy']), from: pointer, path: pointer }),
    ]),
  )
  .min(1)
  .max(1_000);

export type JsonPatch = z.output<typeof jsonPatch>;

/** What an edit does to the body of a delivery: changes places of it, or replaces it. */
export type Change = { readonly patch: JsonPatch } | { readonly body: string };

export type Changed =
  | { readonly ok: true; readonly body: string }
  | { readonly ok: false; readonly why: string };

/** Makes the body that a change leads to. Never throws; what it says quotes places, never values. */
export function applyChange(body: string, change: Change): Changed {
  if ('body' in change) return replace(change.body);
  const parsed = parse(body);
  if (!parsed.ok) return { ok: false, why: 'its body is not JSON  — give a full body instead of a patch' };
  const inexact = findInexact(body);
  if (inexact !== undefined) {
    const why = `its body has a number that a patch would round (${inexact.slice(0, 40)})  — give a full body instead`;
    return { ok: false, why };
  }
  // The root may be replaced as well, so it is held by something.
  const held = { root: parsed.value };
  const patch = change.patch.map((operation) => ({
    ...operation,
    path: `/root${operation.path}`,
    ...('from' in operation ? { from: `/root${operation.from}` } : {}),
  }));
  const wrong = applyPatch(held, patch).findIndex((error) => error !== null);
  if (wrong === -1) return { ok: true, body: JSON.stringify(held.root) };
  const { op, path } = change.patch[wrong] ?? { op: 'test', path: '' };
  const why = op === 'test' ? 'its value is another one' : 'there is no such place';
  return { ok: false, why: `operation ${wrong + 1} of the patch, ${op} ${path}: ${why}` };
}

function replace(body: string): Changed {
  return parse(body).ok ? { ok: true, body } : { ok: false, why: 'the new body is not JSON' };
}

function parse(text: string): { readonly ok: true; readonly value: unknown } | { readonly ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

/** Strings, which are passed over, and numbers of a JSON text. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Digits that a double holds whatever the number. */
const EXACT_DIGITS = 15;

/**
 * Finds a number in a JSON text that would be another one if the text were parsed and written again, as an id past
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
