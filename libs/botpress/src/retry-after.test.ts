import { expect, test } from 'vitest';
import { readRetryAfter } from './headers.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

test.each([
  ['3', 3_000],
  ['0', 0],
  ['1.5', 1_500],
  ['Sun, 22 Nov 2026 12:00:30 GMT', 30_000],
  ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
  ['-1', undefined],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('%j is %j ms', (header, expected) => {
  expect(readRetryAfter(header, NOW)).toBe(expected);
});
