/**
 * Exact source text of parts of a JSON document. The queue stores what the platform sent, to the character:
 * parsing and serializing again would round 820982911946154508 and turn 1.0 into 1.
 *
 * Every function expects text that JSON.parse accepts. For any other text it terminates without throwing,
 * and its result is meaningless. Values are skipped, not recursed into, so nesting depth costs no stack, and
 * a call reads the text at most once per step of its path.
 */

/** The range of a value in its text: `start` inclusive, `end` exclusive. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** A parsed JSON value with the exact text that it was parsed from. */
export interface JsonSlice {
  readonly text: string;
  readonly json: unknown;
}

/**
 * Returns the exact text of the value at a path, e.g. `['entry', 0, 'id']`, without surrounding whitespace.
 * Of a duplicate key the last one counts, as in JSON.parse.
 *
 * @param path strings select object members, numbers select array elements
 * @returns `undefined` if the path leads nowhere
 */
export function sliceJson(text: string, path: readonly (string | number)[]): string | undefined {
  const span = find(text, path);
  return span && text.slice(span.start, span.end);
}

/**
 * Returns the exact text of every element of the array at a path, in order, or an empty array if the path
 * holds no array. Slicing a batch of n items reads the text once; `sliceJson` per item would read it n times.
 */
export function sliceElements(text: string, path: readonly (string | number)[] = []): string[] {
  const span = find(text, path);
  if (span === undefined) return [];
  return Array.from(elements(text, span.start), ({ start, end }) => text.slice(start, end));
}

/** Returns a member of an object slice, or `undefined` if the slice is not an object or lacks the member. */
export function memberOf(whole: JsonSlice | undefined, name: string): JsonSlice | undefined {
  if (!whole || !isRecord(whole.json) || !Object.hasOwn(whole.json, name)) return undefined;
  const text = sliceJson(whole.text, [name]);
  return text === undefined ? undefined : { text, json: whole.json[name] };
}

/** Returns the elements of an array slice, reading its text once; empty if the slice is not an array. */
export function elementsOf(whole: JsonSlice | undefined): readonly JsonSlice[] {
  if (!whole || !Array.isArray(whole.json)) return [];
  const json: readonly unknown[] = whole.json;
  return sliceElements(whole.text).map((text, index) => ({ text, json: json[index] }));
}

/** Builds an object from slices, each with its exact text. Members that are `undefined` are omitted. */
export function composeObject(members: Readonly<Record<string, JsonSlice | undefined>>): JsonSlice {
  const present = Object.entries(members).filter(
    (member): member is [string, JsonSlice] => member[1] !== undefined,
  );
  return {
    text: `{${present.map(([name, { text }]) => `${JSON.stringify(name)}:${text}`).join(',')}}`,
    json: Object.fromEntries(present.map(([name, { json }]) => [name, json])),
  };
}

/** Returns a member of a parsed object, or `undefined` if the value is not an object or lacks the member. */
export function fieldOf(json: unknown, name: string): unknown {
  return isRecord(json) && Object.hasOwn(json, name) ? json[name] : undefined;
}

function isRecord(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function find(text: string, path: readonly (string | number)[]): Span | undefined {
  const start = skipSpace(text, 0);
  // With a path the end of the whole is not needed; finding it would read the text once more.
  let span: Span | undefined = { start, end: path.length > 0 ? text.length : endOfValue(text, start) };
  for (const step of path) {
    if (span === undefined) return undefined;
    span = typeof step === 'string' ? findMember(text, span, step) : findElement(text, span, step);
  }
  return span;
}

function findMember(text: string, object: Span, wanted: string): Span | undefined {
  let last: Span | undefined;
  if (text[object.start] !== '{') return undefined;
  let index = skipSpace(text, object.start + 1);
  while (text[index] === '"') {
    const keyEnd = endOfString(text, index);
    const key = text.slice(index, keyEnd);
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = endOfValue(text, start);
    if (decodeKey(key) === wanted) last = { start, end };
    index = skipSpace(text, skipSpace(text, end) + 1);
  }
  return last;
}

function findElement(text: string, array: Span, wanted: number): Span | undefined {
  let position = 0;
  for (const element of elements(text, array.start)) if (position++ === wanted) return element;
  return undefined;
}

function* elements(text: string, array: number): Generator<Span> {
  if (text[array] !== '[') return;
  let start = skipSpace(text, array + 1);
  while (start < text.length && text[start] !== ']') {
    const end = endOfValue(text, start);
    yield { start, end };
    const separator = skipSpace(text, end);
    if (text[separator] !== ',') return;
    start = skipSpace(text, separator + 1);
  }
}

/** A key may contain escapes: `"\u0061"` is `a`. */
function decodeKey(key: string): string | undefined {
  if (!key.includes('\\')) return key.slice(1, -1);
  try {
    return String(JSON.parse(key));
  } catch {
    return undefined;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const isOpening = (code: number) => code === 0x7b || code === 0x5b;
const isClosing = (code: number) => code === 0x7d || code === 0x5d;
const isSpace = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** Returns the index of the first character at or after `from` that is not JSON whitespace. */
export function skipSpace(text: string, from: number): number {
  let index = from;
  while (isSpace(text.charCodeAt(index))) index++;
  return index;
}

function endOfValue(text: string, start: number): number {
  const code = text.charCodeAt(start);
  if (code === QUOTE) return endOfString(text, start);
  return isOpening(code) ? endOfContainer(text, start) : endOfScalar(text, start);
}

function endOfContainer(text: string, start: number): number {
  let depth = 0;
  let index = start;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    index = code === QUOTE ? endOfString(text, index) : index + 1;
    if (isOpening(code)) depth++;
    else if (isClosing(code) && --depth === 0) return index;
  }
  return text.length;
}

/**
 * Returns the index after the closing quote of the string that starts at `start`.
 *
 * `indexOf` reads long strings about ten times as fast as a loop over characters. Where escapes are dense,
 * as with HTML in JSON, the loop is four times as fast, so the characters after an escaped quote are read by
 * the loop.
 */
export function endOfString(text: string, start: number): number {
  // `index` never points into an escape sequence.
  let index = start + 1;
  while (index < text.length) {
    const quote = text.indexOf('"', index);
    if (quote === -1) break;
    if (!isEscaped(text, index - 1, quote)) return quote + 1;
    index = quote + 1;
    for (const near = index + NEAR; index < near; ) {
      const code = text.charCodeAt(index);
      if (code === QUOTE) return index + 1;
      index += code === BACKSLASH ? 2 : 1;
    }
  }
  return text.length;
}

/** How many characters after an escaped quote the loop reads before `indexOf` takes over again. */
const NEAR = 32;

/** Returns whether an odd number of backslashes precedes the quote. */
function isEscaped(text: string, start: number, quote: number): boolean {
  let first = quote;
  while (first - 1 > start && text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (quote - first) % 2 === 1;
}

/** Returns the index after the number, boolean or null that starts at `start`. */
export function endOfScalar(text: string, start: number): number {
  let index = start;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code === 0x2c || isClosing(code) || isSpace(code)) return index;
    index++;
  }
  return index;
}
