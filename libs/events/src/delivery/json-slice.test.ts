import { describe, expect, test } from 'vitest';
import { cpuTimeOf } from '../test-support/cpu-time.ts';
import { composeObject, sliceElements, sliceJson } from './json-slice.ts';

type Path = readonly (string | number)[];

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, step) => {
    if (typeof at !== 'object' || at === null || Array.isArray(at) !== (typeof step === 'number')) {
      return undefined;
    }
    return Object.hasOwn(at, step) ? (at as Record<string | number, unknown>)[step] : undefined;
  }, value);

describe('sliceJson', () => {
  test.each<[string, Path, string | undefined]>([
    ['{"a":1}', ['a'], '1'],
    [' \n{ "a" :\t[ 1 , {"b" : "x" } ]\r\n} ', ['a', 1], '{"b" : "x" }'],
    ['{"id": 820982911946154508, "n": -1.50e+10}', ['id'], '820982911946154508'],
    ['{"id": 820982911946154508, "n": -1.50e+10}', ['n'], '-1.50e+10'],
    ['{"\\u0061":1}', ['a'], '1'],
    ['{"a\\"b":"}"}', ['a"b'], '"}"'],
    ['{"a":1,"\\u0061":2,"b":3}', ['a'], '2'],
    ['{"a":{"b":1},"a":{"c":2}}', ['a', 'b'], undefined],
    ['{"a":{"b":1},"a":{"c":2}}', ['a', 'c'], '2'],
    ['{"__proto__":{"x":1}}', ['__proto__', 'x'], '1'],
    ['{}', ['constructor'], undefined],
    ['{"😀":"\\ud83d\\ude00","\\ud83d":"\\udc00"}', ['😀'], '"\\ud83d\\ude00"'],
    ['{"😀":"\\ud83d\\ude00","\\ud83d":"\\udc00"}', ['\ud83d'], '"\\udc00"'],
    ['{"":{"":null}}', ['', ''], 'null'],
    ['["\\\\","]"]', [1], '"]"'],
    ['[1,2]', [2], undefined],
    ['[1,2]', [-1], undefined],
    ['[1,2]', [0.5], undefined],
    ['[1,2]', ['0'], undefined],
    ['{"0":1}', [0], undefined],
    ['[]', [0], undefined],
    ['[[],[[]]]', [1, 0], '[]'],
    ['true', ['a'], undefined],
    ['"a"', [0], undefined],
    [' 12 ', [], '12'],
  ])('slices %s at %j to %j', (text, path, expected) => {
    expect(sliceJson(text, path)).toBe(expected);
  });

  test('agrees with JSON.parse at every path of random texts', () => {
    const random = randomFrom(7);
    let compared = 0;
    for (let round = 0; round < 1_000; round++) {
      const text = writeValue(random, 4);
      const json: unknown = JSON.parse(text);
      for (const path of [...pathsOf(json), ['nowhere'], [99]]) {
        const slice = sliceJson(text, path);
        const expected = valueAt(json, path);
        expect(slice === undefined ? undefined : JSON.parse(slice), `${text} at ${path}`).toEqual(expected);
        if (slice !== undefined) expect(text).toContain(slice);
        if (slice !== undefined) expect(slice.trim()).toBe(slice);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(10_000);
  });

  test('terminates without throwing on text that JSON.parse rejects', () => {
    const text = '{"a": [1, {"b\\u0062": "\\"", "c": null}, "x"], "d": 1.5e3}';
    const cuts = Array.from(text, (_, length) => text.slice(0, length));
    const odd = ['[,,,]', '{"a"}', '{"a":}', '{,}', ']', '}', '"', '[1 2]', '{"a"::1}', '[}', '{"\\u":1}'];
    for (const broken of [...cuts, ...odd]) {
      expect(() => [
        sliceJson(broken, ['a', 1, 'c']),
        sliceJson(broken, [1]),
        sliceElements(broken, ['a']),
        sliceElements(broken),
      ]).not.toThrow();
    }
  });

  test('skips 100,000 levels without using the stack', () => {
    const deep = `{"deep":${'[{"a":'.repeat(50_000)}1${'}]'.repeat(50_000)},"after":true}`;
    expect(sliceJson(deep, ['after'])).toBe('true');
    expect(sliceJson(deep, ['deep'])?.length).toBe(deep.length - '{"deep":,"after":true}'.length);
  });

  test('takes about 20 times the time for 20 times the text, not 400', () => {
    const timeOf = (count: number) => {
      const text = `{"list":[${Array.from({ length: count }, (_, id) => `{"id":${id},"\\u0061":"\\\\\\""}`)}],"end":1}`;
      const times = [1, 2, 3].map(() =>
        cpuTimeOf(() => {
          sliceJson(text, ['end']);
          sliceElements(text, ['list']);
        }),
      );
      return Math.min(...times);
    };
    timeOf(5_000);
    expect(timeOf(100_000)).toBeLessThan(Math.max(timeOf(5_000), 1) * 150);
  });
});

test('sliceElements slices every element of an array in one call', () => {
  const text = '{"entry":[ {"changes":[1.0 ,[2],{"a":[3]},"]"]} ]}';
  expect(sliceElements(text, ['entry', 0, 'changes'])).toEqual(['1.0', '[2]', '{"a":[3]}', '"]"']);
  expect(sliceElements('[]')).toEqual([]);
  expect(sliceElements('[ ]')).toEqual([]);
  expect(sliceElements('{"entry":{"0":1}}', ['entry'])).toEqual([]);
  expect(sliceElements(text, ['nowhere'])).toEqual([]);
});

test('composeObject composes an object from exact slices', () => {
  const id = { text: '820982911946154508', json: JSON.parse('820982911946154508') };
  const list = { text: '[1.0]', json: [1] };
  expect(composeObject({ id, 'a"b': list, missing: undefined })).toEqual({
    text: '{"id":820982911946154508,"a\\"b":[1.0]}',
    json: { id: id.json, 'a"b': [1] },
  });
  expect(composeObject({})).toEqual({ text: '{}', json: {} });
});

type Random = (below: number) => number;

/** A fixed sequence (mulberry32), so that a failure is reproducible. */
function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const SCALARS = ['0', '-0', '1e999', '-1.50E-3', '9007199254740993', 'true', 'false', 'null'];
const PIECES = [
  'a',
  'b',
  '\\u0061',
  '\\"',
  '\\\\',
  '{',
  ']',
  ',',
  ':',
  '😀',
  '\\ud83d',
  '\\ude00',
  '\\n',
  ' ',
];

const writeString = (random: Random) =>
  `"${Array.from({ length: random(4) }, () => PIECES[random(PIECES.length)]).join('')}"`;

function writeValue(random: Random, depth: number): string {
  const space = [' ', '\n', '\t\r', '', ''][random(5)] ?? '';
  const kind = random(depth > 0 ? 6 : 2);
  const many = Array.from({ length: random(5) });
  if (kind === 0) return space + (SCALARS[random(SCALARS.length)] ?? 'null') + space;
  if (kind === 1) return space + writeString(random) + space;
  if (kind % 2 === 0) return `${space}[${many.map(() => writeValue(random, depth - 1)).join(',') || space}]`;
  const members = many.map(() => `${space}${writeString(random)}${space}:${writeValue(random, depth - 1)}`);
  return `{${members.join(',') || space}}${space}`;
}

function pathsOf(value: unknown, at: Path = []): Path[] {
  if (Array.isArray(value)) return [at, ...value.flatMap((item, index) => pathsOf(item, [...at, index]))];
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...at, key]))];
}
