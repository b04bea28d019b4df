import { describe, expect, it } from 'vitest';
import { layOut, nodeOf, readJson, writeJson } from './json-text.ts';

const ORDER =
  '{"id": 820982911946154508,"name":"#1042","tags":["a\\u00e9","it\'s \\"so\\""],"total":1e2,"x":{},"y":[],"z":null}';

describe('readJson', () => {
  it('keeps numbers and texts to the letter', () => {
    const reading = readJson(ORDER);
    expect(reading.ok && writeJson(reading.node)).toBe(ORDER.replace(': ', ':'));
  });

  it('lays out what parses to the same', () => {
    const reading = readJson(ORDER);
    const laid = reading.ok ? layOut(reading.node) : '';
    expect(laid).toContain('\n  "id": 820982911946154508,\n');
    expect(JSON.parse(laid)).toEqual(JSON.parse(ORDER));
  });

  it('takes what JSON.parse takes and nothing else', () => {
    const noise = ['', '{', '}', '[', ']', ',', ':', '"', '\\', '0', '-', '.', 'e', 't', '\n', '\t', ' '];
    let refused = 0;
    for (let at = 0; at <= ORDER.length; at++) {
      for (const put of noise) {
        for (const cut of [0, 1]) {
          const text = ORDER.slice(0, at) + put + ORDER.slice(at + cut);
          const isJson = parses(text);
          refused += isJson ? 0 : 1;
          expect([text, readJson(text).ok]).toEqual([text, isJson]);
        }
      }
    }
    expect(refused).toBeGreaterThan(1_000);
  });

  it('tells line and column of a mistake', () => {
    const reading = readJson('{\n  "a": 1,\n  "b" 2\n}');
    expect(reading.ok ? undefined : reading.mistake).toMatchObject({ line: 3, column: 7, offset: 18 });
    const open = readJson('{"a": "b\n}');
    expect(open.ok ? undefined : open.mistake).toMatchObject({ line: 1, column: 7 });
  });

  it('refuses what is too deep instead of failing', () => {
    expect(readJson('['.repeat(100_000)).ok).toBe(false);
  });
});

it('nodeOf takes what was parsed', () => {
  expect(writeJson(nodeOf({ a: [1, 'x'] }))).toBe('{"a":[1,"x"]}');
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
