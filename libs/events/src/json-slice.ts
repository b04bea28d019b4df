/**
 * Exact source texts of parts of a JSON text. What goes into the queue is what the platform sent, to the
 * character: parsing and re-serialising would round 820982911946154508 and turn 1.0 into 1.
 *
 * All of it takes text that JSON.parse accepts; on any other it comes to an end without throwing, and what
 * it then returns means nothing. It steps over values instead of recursing into them, so depth costs no
 * stack, and each call reads the text at most once for each step of its path.
 */

/** Where a value stands in its text: from `start` up to, not including, `end`. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts out the value at a path, e.g. `['entry', 0, 'id']`, without the whitespace around it. Of a key that
 * comes twice the last one counts, as with JSON.parse.
 *
 * @param path names lead into objects, numbers into arrays
 * @returns undefined where nothing is at the path
 */
export function sliceJson(text: string, path: readonly (string | number)[]): string | undefined {
  const span = find(text, path);
  return span && text.slice(span.start, span.end);
}

/**
 * Cuts out every element of the array at a path, in order; none where no array is there. Slicing a batch
 * of n items takes one reading this way, where `sliceJson` for each would take n.
 */
export function sliceElements(text: string, path: readonly (string | number)[] = []): string[] {
  const span = find(text, path);
  if (span === undefined) return [];
  return Array.from(elements(text, span.start), ({ start, end }) => text.slice(start, end));
}

/** Builds an object's text out of exact slices; an undefined slice leaves its key out. */
export function composeJson(slices: Readonly<Record<string, string | undefined>>): string {
  const members = Object.entries(slices).flatMap(([key, slice]) =>
    slice === undefined ? [] : [`${JSON.stringify(key)}:${slice}`],
  );
  return `{${members.join(',')}}`;
}

function find(text: string, path: readonly (string | number)[]): Span | undefined {
  const start = afterSpace(text, 0);
  // Where a step follows, the whole's end is not needed, and finding it would be one more reading.
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
  let index = afterSpace(text, object.start + 1);
  while (text[index] === '"') {
    const keyEnd = endOfString(text, index);
    const key = text.slice(index, keyEnd);
    const start = afterSpace(text, afterSpace(text, keyEnd) + 1);
    const end = endOfValue(text, start);
    if (nameOf(key) === wanted) last = { start, end };
    index = afterSpace(text, afterSpace(text, end) + 1);
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
  let start = afterSpace(text, array + 1);
  while (start < text.length && text[start] !== ']') {
    const end = endOfValue(text, start);
    yield { start, end };
    const separator = afterSpace(text, end);
    if (text[separator] !== ',') return;
    start = afterSpace(text, separator + 1);
  }
}

/** A key may be written with escapes: `"\u0061"` is `a`. */
function nameOf(key: string): string | undefined {
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

export function afterSpace(text: string, from: number): number {
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
 * Up to, not including, what it returns. By indexOf, which reads long texts some ten times as fast as a loop
 * over their characters; but by that loop where escapes are dense, as with HTML in JSON: there it is the loop
 * that is four times as fast.
 */
export function endOfString(text: string, start: number): number {
  // Never within an escape.
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

/** Characters after an escaped quote among which the next one is looked for by the loop. */
const NEAR = 32;

/** Tells whether an odd number of backslashes stands before the quote. */
function isEscaped(text: string, start: number, quote: number): boolean {
  let first = quote;
  while (first - 1 > start && text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (quote - first) % 2 === 1;
}

export function endOfScalar(text: string, start: number): number {
  let index = start;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code === 0x2c || isClosing(code) || isSpace(code)) return index;
    index++;
  }
  return index;
}
