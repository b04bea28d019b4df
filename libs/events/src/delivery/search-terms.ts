import type { Delivery } from './delivery.ts';
import { endOfScalar, endOfString, skipSpace } from './json-slice.ts';

/**
 * Search names of a source, each with the places that may hold its value: a dotted path into the body, in
 * which arrays are transparent (`line_items.sku`), or `header:` and the name of a kept header.
 */
export type Lookups = Readonly<Record<string, readonly string[]>>;

/** A name and the value that a delivery must hold under it. */
export interface SearchTerm {
  readonly name: string;
  /** Compared as text, exactly. Numbers compare by their digits as received. */
  readonly value: string;
}

const HEADER = 'header:';

/**
 * Returns whether a delivery holds the term's value at one of the term's places.
 *
 * @param lookups the lookups of the delivery's source. A name outside of them is itself a place if it
 * contains a dot or begins with `header:`; otherwise it matches any property of that name at any depth
 */
export function matchesTerm(
  { body, headers }: Pick<Delivery, 'body' | 'headers'>,
  { name, value }: SearchTerm,
  lookups: Lookups = {},
): boolean {
  const places = placesOf(name, lookups);
  const headerMatches = (place: string) =>
    place.startsWith(HEADER) && headers[place.slice(HEADER.length).toLowerCase()] === value;
  if (places?.some(headerMatches)) return true;
  const isPlace = places
    ? ({ path }: JsonLeaf) => places.includes(path)
    : (leaf: JsonLeaf) => leaf.name === name;
  for (const leaf of iterateLeaves(body, value)) if (leaf.text === value && isPlace(leaf)) return true;
  return false;
}

function placesOf(name: string, lookups: Lookups): readonly string[] | undefined {
  if (Object.hasOwn(lookups, name)) return lookups[name];
  return name.includes('.') || name.startsWith(HEADER) ? [name] : undefined;
}

/** A string, number or boolean in a body, with its path. */
export interface JsonLeaf {
  /** Dotted; arrays are transparent: the first `sku` of `{"items":[{"sku":1}]}` has the path `items.sku`. */
  readonly path: string;
  /** The last name of the path. */
  readonly name: string;
  /** A string decoded; a number or boolean exactly as written. */
  readonly text: string;
}

/** A linked list of names; the dotted path is built only for leaves that are yielded. */
interface Location {
  readonly name: string;
  readonly parent: Location | undefined;
}

/**
 * Yields the leaves of a JSON text in document order, without nulls.
 *
 * Reads the text and not the result of JSON.parse, which rounds 820982911946154508. For text that is not JSON
 * it terminates without throwing. Nesting depth costs no stack.
 *
 * @param wanted yields only leaves that may have this text, which takes a third of the time; a yielded leaf
 * may still differ, so the caller compares
 */
export function* iterateLeaves(text: string, wanted?: string): Generator<JsonLeaf> {
  const open: { readonly at: Location | undefined; readonly isArray: boolean }[] = [];
  let at: Location | undefined;
  let index = skipSpace(text, 0);
  while (index < text.length) {
    const container = open.at(-1);
    if (container?.isArray) at = container.at;
    switch (text[index]) {
      case '{':
      case '[':
        open.push({ at, isArray: text[index] === '[' });
        index++;
        break;
      case '}':
      case ']':
        open.pop();
        index++;
        break;
      case ',':
      case ':':
        index++;
        break;
      case '"': {
        const end = endOfString(text, index);
        const quoted = text.slice(index, end);
        index = skipSpace(text, end);
        if (container && !container.isArray && text[index] === ':')
          at = { name: unquote(quoted), parent: container.at };
        else if (mayEqual(quoted, wanted)) yield leafAt(at, unquote(quoted));
        break;
      }
      default: {
        const end = Math.max(endOfScalar(text, index), index + 1);
        const scalar = text.slice(index, end);
        if (scalar !== 'null' && scalar === (wanted ?? scalar)) yield leafAt(at, scalar);
        index = end;
      }
    }
    index = skipSpace(text, index);
  }
}

/** A string with escapes must be decoded before it can be compared. */
function mayEqual(quoted: string, wanted: string | undefined): boolean {
  return wanted === undefined || quoted.includes('\\') || quoted === `"${wanted}"`;
}

function leafAt(location: Location | undefined, text: string): JsonLeaf {
  const names: string[] = [];
  for (let at = location; at; at = at.parent) names.push(at.name);
  return { path: names.reverse().join('.'), name: location?.name ?? '', text };
}

function unquote(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
