import { describe, expect, it } from 'vitest';
import { formatJson, parseJson, stringifyJson, toJsonNode } from './json-text.ts';

const ORDER =
  '{"id": 820982911946154508,"name":"#1042","tags":["a\\u00e9","it\'s \\"so\\""],"total":1e2,"x":{},"y":[],"z":null}';

describe('readJson', () => {
  it('preserves numbers and strings exactly', () => {
    const result = parseJson(ORDER);
    expect(result.ok && stringifyJson(result.node)).toBe(ORDER.replace(': ', ':'));
  });

  it('formats JSON that parses to the same value', () => {
    const result = parseJson(ORDER);
    const formatted = result.ok ? formatJson(result.node) : '';
    expect(formatted).toContain('\n  "id": 820982911946154508,\n');
    expect(JSON.parse(formatted)).toEqual(JSON.parse(ORDER));
  });

  it('accepts exactly the texts that JSON.parse accepts', () => {
    const noise = ['', '{', '}', '[', ']', ',', ':', '"', '\\', '0', '-', '.', 'e', 't', '\n', '\t', ' '];
    let rejected = 0;
    for (let at = 0; at <= ORDER.length; at++) {
      for (const put of noise) {
        for (const cut of [0, 1]) {
          const text = ORDER.slice(0, at) + put + ORDER.slice(at + cut);
          const isJson = parses(text);
          rejected += isJson ? 0 : 1;
          expect([text, parseJson(text).ok]).toEqual([text, isJson]);
        }
      }
    }
    expect(rejected).toBeGreaterThan(1_000);
  });

  it('returns line and column of a syntax error', () => {
    const result = parseJson('{\n  "a": 1,\n  "b" 2\n}');
    expect(result.ok ? undefined : result.error).toMatchObject({ line: 3, column: 7, offset: 18 });
    const unterminated = parseJson('{"a": "b\n}');
    expect(unterminated.ok ? undefined : unterminated.error).toMatchObject({ line: 1, column: 7 });
  });

  it('rejects deeply nested JSON without a stack overflow', () => {
    expect(parseJson('['.repeat(100_000)).ok).toBe(false);
  });
});

it('toJsonNode converts parsed values', () => {
  expect(stringifyJson(toJsonNode({ a: [1, 'x'] }))).toBe('{"a":[1,"x"]}');
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
