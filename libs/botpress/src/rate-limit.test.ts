import { expect, test } from 'vitest';
import { readRateLimit } from './headers.ts';

const headers = (limit?: unknown, remaining?: unknown, reset?: unknown) => ({
  'ratelimit-limit': limit,
  'ratelimit-remaining': remaining,
  'ratelimit-reset': reset,
});

test.each([
  ['all three', headers('600', '0', '60'), { limit: 600, remaining: 0, reset: 60_000 }],
  [
    'what the drafts add',
    headers('600, 600;w=60', ' 12 ', '1;x'),
    { limit: 600, remaining: 12, reset: 1_000 },
  ],
  ['one of them', headers('600'), { limit: 600 }],
  ['a limit of none', headers('0', '5'), { remaining: 5 }],
  ['a date as reset', headers('600', '5', '1790000000'), { limit: 600, remaining: 5 }],
  ['words', headers('many', '-1', 'soon'), undefined],
  ['numbers that are none', headers('6e2', '0x10', '1.5'), undefined],
  ['what is no text', headers(600, ['5'], { valueOf: () => 5 }), undefined],
  ['nothing', headers(), undefined],
  ['no headers', undefined, undefined],
  ['no object', 'ratelimit-limit: 600', undefined],
])('%s', (_name, given, expected) => {
  expect(readRateLimit(given)).toEqual(expected);
});
