import { expect, test } from 'vitest';
import { readRateLimit, readRetryAfter } from './read-response.ts';

const headers = (limit?: unknown, remaining?: unknown, reset?: unknown, policy?: unknown) => ({
  'ratelimit-limit': limit,
  'ratelimit-remaining': remaining,
  'ratelimit-reset': reset,
  'ratelimit-policy': policy,
});

test.each([
  [
    'a window of a minute',
    headers('600, 600;w=60', ' 12 ', '1;x'),
    { limit: 600, remaining: 12, reset: 1_000 },
  ],
  ['a window of a second', headers('100;w=1', '99', '1'), { limit: 6_000, remaining: 99, reset: 1_000 }],
  ['a window of an hour', headers('30;w=3600'), { limit: 1 }],
  [
    'a window in a policy',
    headers('600', '5', '60', '100;w=1, 600;burst=9;w=60'),
    { limit: 600, remaining: 5, reset: 60_000 },
  ],
  ['a timestamp as reset', headers('600;w=60', '5', '1790000000'), { limit: 600, remaining: 5 }],
  ['a limit without a window', headers('100', '0', '60'), undefined],
  ['a limit with the window of another', headers('100', '99', '1', '600;w=60'), undefined],
  ['a window of 0', headers('100;w=0'), undefined],
  ['a limit of 0', headers('0;w=60', '5'), undefined],
  ['words instead of numbers', headers('many;w=60', '-1', 'soon'), undefined],
  ['numbers that are not whole', headers('6e2;w=60', '0x10', '1.5'), undefined],
  ['values that are not strings', headers(600, ['5'], { valueOf: () => 5 }), undefined],
  ['no rate limit headers', headers(), undefined],
])('readRateLimit reads %s from a 201', (_name, given, expected) => {
  expect(readRateLimit(given, 201)).toEqual(expected);
});

test.each([
  ['the reset without a window', headers('100', '0', '60'), { reset: 60_000 }],
  ['a limit with its window', headers('600;w=60', '0', '30'), { limit: 600, remaining: 0, reset: 30_000 }],
  ['a timestamp as reset', headers('100', '0', '1790000000'), undefined],
  ['no headers', {}, undefined],
])('readRateLimit reads %s from a 429', (_name, given, expected) => {
  expect(readRateLimit(given, 429)).toEqual(expected);
});

const NOW = Date.parse('2026-11-22T12:00:00Z');

test.each([
  ['3', 3_000],
  ['0', 0],
  ['1.5', 1_500],
  ['Sun, 22 Nov 2026 12:00:30 GMT', 30_000],
  ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
  ['86400', 3_600_000],
  ['1e300', 3_600_000],
  ['Sun, 22 Nov 2099 12:00:00 GMT', 3_600_000],
  ['-1', undefined],
  ['Infinity', undefined],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('readRetryAfter reads %j as %j ms', (header, expected) => {
  expect(readRetryAfter(header, NOW)).toBe(expected);
});
