import type { Delivery } from './delivery.ts';
import { iterateLeaves, type JsonLeaf } from './leaves-of.ts';

/**
 * Names that operators search by, each with the places where its value may stand: a dotted path in the body, where
 * lists are walked through (`line_items.sku`), or `header:` and the name of a header that is kept.
 */
export type Lookups = Readonly<Record<string, readonly string[]>>;

/** A value that a delivery is to have. */
export interface SearchTerm {
  readonly name: string;
  /** Compared as text, exactly; a number by its digits as they came. */
  readonly value: string;
}

const HEADER = 'header:';

/**
 * Tells whether a delivery has a value.
 *
 * @param lookups of its source. A name that is not among them is a place itself if it has a dot or begins with
 * `header:`, and else any property of that name, however deep
 */
export function matchesTerm(
  { body, headers }: Pick<Delivery, 'body' | 'headers'>,
  { name, value }: SearchTerm,
  lookups: Lookups = {},
): boolean {
  const places = placesOf(name, lookups);
  const isThere = (place: string) =>
    place.startsWith(HEADER) && headers[place.slice(HEADER.length).toLowerCase()] === value;
  if (places?.some(isThere)) return true;
  const isWanted = places
    ? ({ path }: JsonLeaf) => places.includes(path)
    : (leaf: JsonLeaf) => leaf.name === name;
  for (const leaf of iterateLeaves(body, value)) if (leaf.text === value && isWanted(leaf)) return true;
  return false;
}

function placesOf(name: string, lookups: Lookups): readonly string[] | undefined {
  if (Object.hasOwn(lookups, name)) return lookups[name];
  return name.includes('.') || name.startsWith(HEADER) ? [name] : undefined;
}
