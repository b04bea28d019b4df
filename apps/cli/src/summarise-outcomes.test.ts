import { expect, test } from 'vitest';
import type { Outcome } from './post-webhook.ts';
import { summariseOutcomes } from './summarise-outcomes.ts';

const answered = (status: number, ms: number, body = ''): Outcome => ({ ok: true, status, body, ms });

test('percentiles are by nearest rank', () => {
  const outcomes = Array.from({ length: 100 }, (_, index) => answered(200, 100 - index));
  expect(summariseOutcomes(outcomes, 100).latencyMs).toEqual({ p50: 50, p99: 99 });
  expect(summariseOutcomes([answered(200, 7.126)], 1).latencyMs).toEqual({ p50: 7.13, p99: 7.13 });
});

test.each([
  ['all 2xx', [answered(200, 1), answered(204, 1)], true],
  ['a redirect', [answered(200, 1), answered(302, 1)], false],
  ['fewer than asked', [answered(200, 1)], false],
  ['no answer', [answered(200, 1), { ok: false, code: 'ECONNRESET' } as const], false],
])('%s', (_, outcomes, ok) => {
  expect(summariseOutcomes(outcomes, 2).ok).toBe(ok);
});

test('answers that are not of ingest have no result', () => {
  for (const body of ['<html>', 'null', '7', '{"result":3}']) {
    expect(summariseOutcomes([answered(200, 1, body)], 1).answers).toEqual([
      { status: 200, result: null, count: 1 },
    ]);
  }
});

test('nothing answered has no latency', () => {
  expect(summariseOutcomes([{ ok: false, code: 'ECONNRESET' }], 1).latencyMs).toBeNull();
});
