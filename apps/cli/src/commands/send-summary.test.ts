import { expect, test } from 'vitest';
import type { PostResult } from '../client/ingest.ts';
import { summarizeResults } from './send.ts';

const answered = (status: number, ms: number, body = ''): PostResult => ({ ok: true, status, body, ms });

test('computes percentiles by nearest rank', () => {
  const results = Array.from({ length: 100 }, (_, index) => answered(200, 100 - index));
  expect(summarizeResults(results, 100).latencyMs).toEqual({ p50: 50, p99: 99 });
  expect(summarizeResults([answered(200, 7.126)], 1).latencyMs).toEqual({ p50: 7.13, p99: 7.13 });
});

test.each([
  ['is ok if all are 2xx', [answered(200, 1), answered(204, 1)], true],
  ['is not ok with a redirect', [answered(200, 1), answered(302, 1)], false],
  ['is not ok with fewer than requested', [answered(200, 1)], false],
  ['is not ok without a response', [answered(200, 1), { ok: false, code: 'ECONNRESET' } as const], false],
])('%s', (_, results, ok) => {
  expect(summarizeResults(results, 2).ok).toBe(ok);
});

test('has no result for responses that are not from ingest', () => {
  for (const body of ['<html>', 'null', '7', '{"result":3}']) {
    expect(summarizeResults([answered(200, 1, body)], 1).answers).toEqual([
      { status: 200, result: null, count: 1 },
    ]);
  }
});

test('has no latency without a response', () => {
  expect(summarizeResults([{ ok: false, code: 'ECONNRESET' }], 1).latencyMs).toBeNull();
});
