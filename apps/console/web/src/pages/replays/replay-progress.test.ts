import { expect, it } from 'vitest';
import type { Replay } from '../../api/types.ts';
import { addSample, ratePerSecond, remainingMs, type Sample } from './replay-progress.ts';

const replay: Replay = {
  ...{ id: 'rpl_1', state: 'running', filter: {}, who: 'olga', note: 'fixed', createdAt: 0 },
  ...{ planned: 100, replayed: 60, delivered: 40, died: 8, removed: 2, outstanding: 10 },
};

const seen = (...points: readonly [number, number][]) =>
  points.reduce<readonly Sample[]>((all, [at, settled]) => addSample(all, { at, finished: settled }), []);

it('computes the rate of the last 15 seconds only', () => {
  expect(ratePerSecond(seen([0, 0], [60_000, 30], [65_000, 50]), 65_000)).toBe(4);
});

it('returns no rate without samples or for less than a second', () => {
  expect(ratePerSecond([], 0)).toBeUndefined();
  expect(ratePerSecond(seen([0, 0], [500, 5]), 500)).toBeUndefined();
});

it('lowers the rate while no samples arrive', () => {
  const samples = seen([0, 0], [5_000, 50]);
  expect([ratePerSecond(samples, 5_000), ratePerSecond(samples, 10_000)]).toEqual([10, 5]);
});

it('computes the remaining time from the dead letters without an outcome', () => {
  expect(remainingMs(replay, 5)).toBe(10_000);
  expect(remainingMs(replay, 0)).toBeUndefined();
});
