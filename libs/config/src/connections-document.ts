import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { Path } from './path.ts';
import { shieldReferences, unshieldReferences } from './shield-references.ts';
import { type SyntaxMistake, toSyntaxMistake } from './syntax-mistake.ts';

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The connections file, parsed, with the way back from a path to its place in the text. */
export interface ConnectionsDocument {
  /** As written: references are not resolved, and their braces are still shielded. */
  readonly value: unknown;
  /** Place of the value at a path; of the nearest thing around it when there is none. */
  position(path: Path): Position;
  /** Place of a key of the mapping at a path. */
  keyPosition(path: Path, key: string): Position;
}

export type Parsed =
  | { readonly ok: true; readonly document: ConnectionsDocument }
  | { readonly ok: false; readonly mistake: SyntaxMistake & Position };

/** One alias of the connections' defaults in each of thousands is fine; this is against exponential ones. */
const MAX_ALIAS_COUNT = 100_000;

/** Parses YAML, of which JSON is a part. Of several syntax mistakes it tells the first: the rest follow from it. */
export function parseConnectionsDocument(text: string): Parsed {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const options = { lineCounter: lines, prettyErrors: false, merge: true } as const;
  const document = parseDocument(shieldReferences(text), options);
  const error = document.errors[0] ?? document.warnings[0];
  if (error) return { ok: false, mistake: { ...toSyntaxMistake(error), ...at(error.pos[0]) } };
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
    const position = (path: Path) => at(locate(document, path));
    const keyPosition = (path: Path, key: string) => at(locateKey(document, path, key));
    return { ok: true, document: { value, position, keyPosition } };
  } catch {
    // The message would quote the alias, which may be a secret that lacks its quotes.
    const message = 'an alias (*name) names no anchor (&name) before it, or there are far too many';
    return { ok: false, mistake: { message, hint: 'put a value that begins with * in quotes', ...at(0) } };
  }
}

/** Offset of the value at a path; where there is none, or nothing is written, of the last key on the way. */
function locate(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    const found = isAlias(node) ? node.resolve(document) : node;
    const isLast = index === path.length - 1;
    if (isMap(found)) {
      const pair = findPair(document, found, String(step));
      if (!pair) break;
      node = pair.value;
      offset = (isLast && isOnOneLine(node) ? startOf(node) : startOf(pair.key)) ?? offset;
    } else if (isSeq(found) && typeof step === 'number' && step < found.items.length) {
      node = found.items[step];
      offset = startOf(node) ?? offset;
    } else break;
  }
  return offset;
}

function locateKey(document: Document.Parsed, path: Path, key: string): number {
  let node: unknown = document.contents;
  for (const step of path) {
    const found = isAlias(node) ? node.resolve(document) : node;
    if (isMap(found)) node = findPair(document, found, String(step))?.value;
    else if (isSeq(found) && typeof step === 'number') node = found.items[step];
  }
  const found = isAlias(node) ? node.resolve(document) : node;
  const pair = isMap(found) ? findPair(document, found, key) : undefined;
  return startOf(pair?.key) ?? locate(document, path);
}

/** Finds a key, also among those that `<<: *defaults` merges in. */
function findPair(document: Document.Parsed, map: YAMLMap, key: string): Pair | undefined {
  const own = map.items.find((pair) => keyOf(pair) === key);
  if (own) return own;
  for (const pair of map.items.filter((merge) => keyOf(merge) === '<<')) {
    const merged = isAlias(pair.value) ? pair.value.resolve(document) : pair.value;
    const found = isMap(merged) ? findPair(document, merged, key) : undefined;
    if (found) return found;
  }
  return undefined;
}

function keyOf(pair: Pair): string {
  return unshieldReferences(String(isScalar(pair.key) ? pair.key.value : pair.key));
}

/** Other values begin on a later line, or are not there: then their key is the better place to point at. */
function isOnOneLine(node: unknown): boolean {
  if (isScalar(node)) return node.value !== null;
  return isAlias(node) || (isCollection(node) && node.flow === true);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
