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
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { shieldReferences, unshieldReferences } from './interpolate.ts';
import type { Path } from './path.ts';

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The parsed connections file, with the positions of its paths in the text. */
export interface ConnectionsDocument {
  /** References are not resolved, and their braces are shielded. */
  readonly value: unknown;
  /** Returns the position of the value at a path, or of the nearest parent. */
  position(path: Path): Position;
  /** Returns the position of a key of the mapping at a path. */
  keyPosition(path: Path, key: string): Position;
}

interface SyntaxProblem {
  readonly message: string;
  readonly hint?: string;
}

export type ParsedDocument =
  | { readonly ok: true; readonly document: ConnectionsDocument }
  | { readonly ok: false; readonly problem: SyntaxProblem & Position };

/** Allows an alias in each of thousands of connections, but not exponential expansion. */
const MAX_ALIAS_COUNT = 100_000;

/** Parses YAML, which includes JSON. Returns only the first syntax error: the others follow from it. */
export function parseConnectionsDocument(text: string): ParsedDocument {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const options = { lineCounter: lines, prettyErrors: false, merge: true } as const;
  const document = parseDocument(shieldReferences(text), options);
  const error = document.errors[0] ?? document.warnings[0];
  if (error) return { ok: false, problem: { ...toProblem(error), ...at(error.pos[0]) } };
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
    const position = (path: Path) => at(locate(document, path));
    const keyPosition = (path: Path, key: string) => at(locateKey(document, path, key));
    return { ok: true, document: { value, position, keyPosition } };
  } catch {
    // The message of the parser quotes the alias, which may be a secret without quotes.
    const message = 'has an alias (*name) without an anchor (&name) before it, or too many aliases';
    return { ok: false, problem: { message, hint: 'Quote values that begin with *', ...at(0) } };
  }
}

/** Returns the offset of the value at a path, or of the last key on the way if the value is missing or empty. */
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

/** Finds a key, including keys that `<<: *defaults` merges. */
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

/** For other values, which begin on a later line or are missing, the key is the better position. */
function isOnOneLine(node: unknown): boolean {
  if (isScalar(node)) return node.value !== null;
  return isAlias(node) || (isCollection(node) && node.flow === true);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

/** Errors for which the message of the parser quotes the file, which may contain secrets, or does not help. */
const PROBLEMS: Partial<Record<YAMLError['code'], SyntaxProblem>> = {
  BAD_ALIAS: {
    message: 'has an invalid alias (*name) or anchor (&name)',
    hint: 'Quote values that begin with * or &',
  },
  BAD_DQ_ESCAPE: {
    message: 'has an unknown escape sequence',
    hint: 'Write the backslash twice, or use single quotes',
  },
  BAD_SCALAR_START: { message: 'has a value that begins with a reserved character', hint: 'Quote the value' },
  DUPLICATE_KEY: { message: 'has a duplicate key in a mapping', hint: 'Remove one of them' },
  TAB_AS_INDENT: { message: 'is indented with a tab', hint: 'Indent with spaces' },
  TAG_RESOLVE_FAILED: { message: 'has an unknown tag', hint: 'Quote values that begin with !' },
};

function toProblem(error: YAMLError): SyntaxProblem {
  const known = PROBLEMS[error.code];
  if (known) return known;
  // After a colon, these messages quote the file.
  const [message = ''] = error.message.split(error.code === 'UNEXPECTED_TOKEN' ? /[:\n]/ : '\n');
  return { message: `is not valid YAML: ${message}` };
}
