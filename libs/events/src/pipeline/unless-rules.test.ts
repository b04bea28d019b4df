import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineEvent } from '../definitions/define-event.ts';
import { matchesRule, neverMatches, unlessRule } from './unless-rules.ts';

const rule = (path: string, value: unknown) => unlessRule.parse({ path, value });

const body = JSON.parse(
  '{"id":7,"from":{"id":"u1","is_bot":true},"edited":null,"labels":[{"name":"bot"}],"big":1.5,"__proto__":{"x":1}}',
);

test.each([
  ['from.id', 'u1'],
  ['from.id', ['u2', 'u1']],
  ['id', 7],
  ['id', '7'],
  ['from.is_bot', true],
  ['from.is_bot', 'true'],
  ['edited', null],
  ['labels.0.name', ['bot', null]],
  ['big', 1.5],
])('a body matches %s: %j', (path, value) => {
  expect(matchesRule(rule(path, value), body)).toBe(true);
});

test.each([
  ['from.id', 'U1'],
  ['from.id', ['u2', 'u3']],
  ['id', 8],
  ['edited', 'null'],
  ['from', '[object Object]'],
  ['labels', 'bot'],
  ['missing', 'undefined'],
  ['missing', null],
  ['missing.deep', 'x'],
  ['labels.length', 1],
  ['toString', 'x'],
])('a body does not match %s: %j', (path, value) => {
  expect(matchesRule(rule(path, value), body)).toBe(false);
});

test.each([null, 7, 'text', [], undefined])('a body that is %j matches no rule', (other) => {
  expect(matchesRule(rule('id', [7, null, 'text']), other)).toBe(false);
});

test.each([
  [{ path: '$', value: 1 }, 'must name a field'],
  [{ path: 'a..b', value: 1 }, 'is not a path'],
  [{ path: 'a', value: { b: 1 } }, 'must be text, a number'],
  [{ path: 'a', value: [] }, 'is empty'],
  [{ path: 'a', value: [['b']] }, 'must be text, a number'],
  [{ path: 'a', value: Number('820982911946154508') }, 'beyond 2^53'],
  [{ path: 'a' }, 'must be text, a number'],
  [{ path: 'a', value: 1, unless: 2 }, 'nrecognized key'],
])('the rule %j is rejected', (input, message) => {
  expect(JSON.stringify(unlessRule.safeParse(input).error?.issues)).toContain(message);
});

describe('a rule never matches', () => {
  const event = (input: z.ZodType) =>
    defineEvent({
      name: 'thingMade',
      title: 'Thing made',
      description: 'A thing was made.',
      topic: 'thing.made',
      input,
      schema: z.object({}),
      map: () => ({}),
    });
  const thing = z.looseObject({
    id: z.number(),
    kind: z.enum(['a', 'b']).nullish(),
    done: z.boolean(),
    name: z.string().nullish(),
    parts: z.array(z.looseObject({ code: z.string() })),
    closed: z.strictObject({ by: z.string() }),
  });
  const events = new Map([['thing.made', event(thing)]]);

  test.each([
    ['id', 'seven'],
    ['id', ['seven', true, null]],
    ['id.value', 1],
    ['kind', 'c'],
    ['done', 'yes'],
    ['done', null],
    ['name.first', 'Ada'],
    ['parts', 'x'],
    ['parts.first.code', 'x'],
    ['parts.0.code', null],
    ['closed.at', 'x'],
  ])('that the input schema excludes: %s: %j', (path, value) => {
    expect(neverMatches(rule(path, value), events)).toBe(true);
  });

  test.each([
    ['id', 7],
    ['id', '7'],
    ['id', ['seven', 7]],
    ['kind', 'b'],
    ['kind', null],
    ['done', 'false'],
    ['name', 'Ada'],
    ['name', null],
    ['parts.0.code', 'x'],
    ['parts.3.unknown.deep', 'x'],
    ['unknown', null],
  ])('except where the schema permits it: %s: %j', (path, value) => {
    expect(neverMatches(rule(path, value), events)).toBe(false);
  });

  test('unless any enabled event permits it', () => {
    const other = event(z.looseObject({ id: z.string() }));
    expect(neverMatches(rule('id', 'seven'), new Map([...events, ['thing.seen', other]]))).toBe(false);
    expect(neverMatches(rule('id', 'seven'), new Map([...events, ['thing.off', undefined]]))).toBe(true);
    expect(neverMatches(rule('id', 'seven'), new Map())).toBe(false);
    expect(neverMatches(rule('id', 'seven'), new Map([['*', event(z.unknown())]]))).toBe(false);
  });
});
