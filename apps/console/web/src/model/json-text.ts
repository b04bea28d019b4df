/** A JSON value with its exact source text: `JSON.parse` rounds 820982911946154508 and drops duplicate names. */
export type JsonNode =
  | { readonly kind: 'object'; readonly members: readonly JsonMember[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  /** Source text; strings include their quotes. */
  | { readonly kind: 'scalar'; readonly raw: string };

export interface JsonMember {
  /** Source text with quotes. */
  readonly rawName: string;
  readonly name: string;
  readonly value: JsonNode;
}

export interface JsonSyntaxError {
  readonly message: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** 0-based, in UTF-16 code units. */
  readonly offset: number;
}

export type JsonParseResult =
  | { readonly ok: true; readonly node: JsonNode }
  | { readonly ok: false; readonly error: JsonSyntaxError };

/** Ingest rejects deeper bodies. */
const MAX_DEPTH = 500;

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Aborts parsing; caught in `parseJson`. */
class ParseFailure extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Parses JSON as strictly as `JSON.parse`. Returns the position of the first error otherwise. */
export function parseJson(text: string): JsonParseResult {
  try {
    return { ok: true, node: parseText(text) };
  } catch (error) {
    if (!(error instanceof ParseFailure)) throw error;
    const before = text.slice(0, error.offset).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    return {
      ok: false,
      error: { message: error.message, line: before.length, column, offset: error.offset },
    };
  }
}

function parseText(text: string): JsonNode {
  let at = 0;
  const skipSpace = () => {
    SPACE.lastIndex = at;
    SPACE.exec(text);
    at = SPACE.lastIndex;
  };
  const found = () => (at < text.length ? `found ${text[at]}` : 'found the end of the text');
  const fail = (message: string, offset = at): never => {
    throw new ParseFailure(message, offset);
  };
  const readString = (expected: string): string => {
    const from = at;
    if (text[at] !== '"') fail(`Expected ${expected}, ${found()}.`);
    at++;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x22) return text.slice(from, ++at);
      if (Number.isNaN(code) || code < 0x20) fail('Unterminated string.', from);
      ESCAPE.lastIndex = at;
      if (code !== 0x5c) at++;
      else if (ESCAPE.test(text)) at = ESCAPE.lastIndex;
      else fail('Invalid escape sequence.');
    }
  };
  const readMember = (depth: number): JsonMember => {
    skipSpace();
    const rawName = readString('a name in double quotes');
    skipSpace();
    if (text[at] !== ':') fail(`Expected a colon after ${rawName}, ${found()}.`);
    at++;
    return { rawName, name: JSON.parse(rawName) as string, value: readValue(depth) };
  };
  const readList = <T>(end: string, readItem: () => T): T[] => {
    const list: T[] = [];
    at++;
    skipSpace();
    if (text[at] === end) {
      at++;
      return list;
    }
    for (;;) {
      list.push(readItem());
      skipSpace();
      if (text[at] === end) {
        at++;
        return list;
      }
      if (text[at] !== ',') fail(`Expected a comma or ${end}, ${found()}.`);
      at++;
    }
  };
  const readValue = (depth: number): JsonNode => {
    skipSpace();
    if (depth > MAX_DEPTH) fail(`Nested more than ${MAX_DEPTH} levels deep.`);
    if (text[at] === '{') return { kind: 'object', members: readList('}', () => readMember(depth + 1)) };
    if (text[at] === '[') return { kind: 'array', items: readList(']', () => readValue(depth + 1)) };
    if (text[at] === '"') return { kind: 'scalar', raw: readString('a string') };
    SCALAR.lastIndex = at;
    const raw = SCALAR.exec(text)?.[0] ?? fail(`Expected a value, ${found()}.`);
    at = SCALAR.lastIndex;
    return { kind: 'scalar', raw };
  };
  const node = readValue(0);
  skipSpace();
  if (at < text.length) fail(`Expected the end of the text, ${found()}.`);
  return node;
}

/** Converts a parsed value to a node. */
export function toJsonNode(value: unknown): JsonNode {
  const result = parseJson(JSON.stringify(value) ?? 'null');
  return result.ok ? result.node : { kind: 'scalar', raw: 'null' };
}

const INDENT = '  ';

/** Formats JSON with one value per line. */
export function formatJson(node: JsonNode, indent = ''): string {
  if (node.kind === 'scalar') return node.raw;
  const inner = indent + INDENT;
  if (node.kind === 'array') {
    if (node.items.length === 0) return '[]';
    return `[\n${node.items.map((item) => inner + formatJson(item, inner)).join(',\n')}\n${indent}]`;
  }
  if (node.members.length === 0) return '{}';
  const lines = node.members.map(({ rawName, value }) => `${inner}${rawName}: ${formatJson(value, inner)}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

/** Formats JSON on one line. */
export function stringifyJson(node: JsonNode): string {
  switch (node.kind) {
    case 'scalar':
      return node.raw;
    case 'array':
      return `[${node.items.map(stringifyJson).join(',')}]`;
    case 'object':
      return `{${node.members.map(({ rawName, value }) => `${rawName}:${stringifyJson(value)}`).join(',')}}`;
  }
}
