import { expect, test } from 'vitest';
import { readRateLimit, readRetryAfter } from './read-response.ts';

const headers = (limit?: unknown, remaining?: unknown, reset?: unknown) => ({
  'ratelimit-limit': limit,
  'ratelimit-remaining': remaining,
  'ratelimit-reset': reset,
});

test.each([
  ['all three headers', headers('600', '0', '60'), { limit: 600, remaining: 0, reset: 60_000 }],
  [
    'parameters of the header drafts',
    headers('600, 600;w=60', ' 12 ', '1;x'),
    { limit: 600, remaining: 12, reset: 1_000 },
  ],
  ['only the limit', headers('600'), { limit: 600 }],
  ['a limit of 0', headers('0', '5'), { remaining: 5 }],
  ['a timestamp as reset', headers('600', '5', '1790000000'), { limit: 600, remaining: 5 }],
  ['words instead of numbers', headers('many', '-1', 'soon'), undefined],
  ['numbers that are not whole', headers('6e2', '0x10', '1.5'), undefined],
  ['values that are not strings', headers(600, ['5'], { valueOf: () => 5 }), undefined],
  ['no rate limit headers', headers(), undefined],
  ['undefined', undefined, undefined],
  ['a string', 'ratelimit-limit: 600', undefined],
])('readRateLimit reads %s', (_name, given, expected) => {
  expect(readRateLimit(given)).toEqual(expected);
});

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
])('readRetryAfter reads %j as %j ms', (header, expected) => {
  expect(readRetryAfter(header, NOW)).toBe(expected);
});
