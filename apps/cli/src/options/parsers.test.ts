import { expect, test } from 'vitest';
import { parseMoment, parseTerms } from './parsers.ts';

const NOW = Date.UTC(2026, 10, 25, 12);

test.each([
  ['30m', NOW - 30 * 60_000],
  ['2h', NOW - 2 * 3_600_000],
  ['3d', NOW - 3 * 86_400_000],
  ['2026-11-25', Date.UTC(2026, 10, 25)],
  ['2026-11-25T03:00Z', Date.UTC(2026, 10, 25, 3)],
  ['2026-11-25T03:00', Date.UTC(2026, 10, 25, 3)],
  ['2026-11-25T03:00:01.5+01:00', Date.UTC(2026, 10, 25, 2, 0, 1, 500)],
])('parses %s as a time', (text, moment) => {
  expect(parseMoment(text, NOW)).toBe(moment);
});

test.each(['', '2', '2w', 'yesterday', '2026-13-01', '2026-11-25 03:00', '1e3', '-2h'])(
  'rejects %j as a time',
  (text) => {
    expect(() => parseMoment(text, NOW)).toThrow('Expected an age (30m');
  },
);

test('appends payload values, split at the first =', () => {
  const terms = parseTerms('b=c=d', parseTerms('order_id=1042'));
  expect(terms).toEqual([
    { name: 'order_id', value: '1042' },
    { name: 'b', value: 'c=d' },
  ]);
  for (const text of ['', '=', '=x', 'x=', 'x'])
    expect(() => parseTerms(text)).toThrow('Expected name=value');
  const five = Array.from({ length: 5 }, () => ({ name: 'a', value: 'b' }));
  expect(() => parseTerms('a=b', five)).toThrow('at most 5');
});
