import { describe, expect, test } from 'vitest';
import { bodyPath, valueAtPath } from './body-path.ts';

const body: unknown = JSON.parse(
  '{"id":"e1","data":{"object":{"id":7},"items":[{"id":"a"},{"id":"b"}],"null":null},"__proto__":{"id":"own"}}',
);

test.each([
  ['id', 'e1'],
  ['data.object.id', 7],
  ['data.items.1.id', 'b'],
  ['data.null', null],
  // JSON may have an own key of this name.
  ['__proto__.id', 'own'],
  ['$', body],
])('valueAtPath returns the value at %s', (path, value) => {
  expect(valueAtPath(body, path)).toEqual(value);
});

describe('valueAtPath returns undefined', () => {
  test.each([
    'x',
    'data.x.id',
    'id.length',
    'id.0',
    'data.items.length',
    'data.items.2',
    'data.items.01',
    'data.items.-1',
    'data.null.x',
    'constructor',
    'toString.name',
    'data.__proto__',
    'data.constructor.prototype',
    'data.items.map',
  ])('at %s', (path) => {
    expect(valueAtPath(body, path)).toBeUndefined();
  });

  test.each([null, 7, 'text', true, []])('in %j', (other) => {
    expect(valueAtPath(other, 'data.id')).toBeUndefined();
  });
});

test.each(['a', 'a.b', 'a.0.b', '$', 'a-b.c_d', 'größe'])('bodyPath accepts %s', (path) => {
  expect(bodyPath.safeParse(path).success).toBe(true);
});

test.each(['', '.', 'a.', '.a', 'a..b', 'a b', 'a'.repeat(201)])('bodyPath rejects %j', (path) => {
  expect(bodyPath.safeParse(path).success).toBe(false);
});
