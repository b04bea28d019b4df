/** A JSON value with every text and number to the letter: parsing rounds 820982911946154508 and drops doubled names. */
export type JsonNode =
  | { readonly kind: 'object'; readonly members: readonly JsonMember[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  /** As it is written, texts with their quotes. */
  | { readonly kind: 'scalar'; readonly raw: string };

export interface JsonMember {
  /** With its quotes. */
  readonly rawName: string;
  readonly name: string;
  readonly value: JsonNode;
}

/** Where a text stops being JSON. */
export interface JsonMistake {
  readonly message: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** From 0, in UTF-16 units as the browser counts. */
  readonly offset: number;
}

export type JsonReading =
  | { readonly ok: true; readonly node: JsonNode }
  | { readonly ok: false; readonly mistake: JsonMistake };

/** Deeper bodies ingest does not take. */
const MAX_DEPTH = 500;

const SPACE = /[ \t\n\r]*/y;
const WORD = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Thrown and caught in this file: it unwinds the reading. */
class Unreadable extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Reads JSON, as strictly as `JSON.parse`. */
export function readJson(text: string): JsonReading {
  try {
    return { ok: true, node: readAll(text) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const before = text.slice(0, error.offset).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    return {
      ok: false,
      mistake: { message: error.message, line: before.length, column, offset: error.offset },
    };
  }
}

function readAll(text: string): JsonNode {
  let at = 0;
  const skipSpace = () => {
    SPACE.lastIndex = at;
    SPACE.exec(text);
    at = SPACE.lastIndex;
  };
  const found = () => (at < text.length ? `${text[at]} stands there` : 'the text ends');
  const fail = (message: string, offset = at): never => {
    throw new Unreadable(message, offset);
  };
  const readString = (what: string): string => {
    const from = at;
    if (text[at] !== '"') fail(`${what} is missing: ${found()}`);
    at++;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x22) return text.slice(from, ++at);
      if (Number.isNaN(code) || code < 0x20) fail('a text is not closed with " on its line', from);
      ESCAPE.lastIndex = at;
      if (code !== 0x5c) at++;
      else if (ESCAPE.test(text)) at = ESCAPE.lastIndex;
      else fail('what follows the backslash is no escape');
    }
  };
  const readMember = (depth: number): JsonMember => {
    skipSpace();
    const rawName = readString('a name in quotes');
    skipSpace();
    if (text[at] !== ':') fail(`a colon is missing after ${rawName}: ${found()}`);
    at++;
    return { rawName, name: JSON.parse(rawName) as string, value: readValue(depth) };
  };
  const readList = <T>(end: string, one: () => T): T[] => {
    const list: T[] = [];
    at++;
    skipSpace();
    if (text[at] === end) {
      at++;
      return list;
    }
    for (;;) {
      list.push(one());
      skipSpace();
      if (text[at] === end) {
        at++;
        return list;
      }
      if (text[at] !== ',') fail(`a comma or ${end} is missing: ${found()}`);
      at++;
    }
  };
  const readValue = (depth: number): JsonNode => {
    skipSpace();
    if (depth > MAX_DEPTH) fail(`it is more than ${MAX_DEPTH} deep`);
    if (text[at] === '{') return { kind: 'object', members: readList('}', () => readMember(depth + 1)) };
    if (text[at] === '[') return { kind: 'array', items: readList(']', () => readValue(depth + 1)) };
    if (text[at] === '"') return { kind: 'scalar', raw: readString('a text') };
    WORD.lastIndex = at;
    const raw = WORD.exec(text)?.[0] ?? fail(`a value is missing: ${found()}`);
    at = WORD.lastIndex;
    return { kind: 'scalar', raw };
  };
  const node = readValue(0);
  skipSpace();
  if (at < text.length) fail(`the value is complete, and yet ${found()}`);
  return node;
}

/** Makes a node of what was parsed before. */
export function nodeOf(value: unknown): JsonNode {
  const reading = readJson(JSON.stringify(value) ?? 'null');
  return reading.ok ? reading.node : { kind: 'scalar', raw: 'null' };
}

const INDENT = '  ';

/** Writes JSON with a line for each value. */
export function layOut(node: JsonNode, indent = ''): string {
  if (node.kind === 'scalar') return node.raw;
  const inner = indent + INDENT;
  if (node.kind === 'array') {
    if (node.items.length === 0) return '[]';
    return `[\n${node.items.map((item) => inner + layOut(item, inner)).join(',\n')}\n${indent}]`;
  }
  if (node.members.length === 0) return '{}';
  const lines = node.members.map(({ rawName, value }) => `${inner}${rawName}: ${layOut(value, inner)}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

/** Writes JSON on one line. */
export function writeJson(node: JsonNode): string {
  switch (node.kind) {
    case 'scalar':
      return node.raw;
    case 'array':
      return `[${node.items.map(writeJson).join(',')}]`;
    case 'object':
      return `{${node.members.map(({ rawName, value }) => `${rawName}:${writeJson(value)}`).join(',')}}`;
  }
}
