import { expect, it } from 'vitest';
import type { Replay } from '../../api/types.ts';
import { addSample, rateOf, type Sample, timeLeft } from './replay-progress.ts';

const replay: Replay = {
  ...{ id: 'rpl_1', state: 'running', filter: {}, who: 'olga', note: 'why', createdAt: 0 },
  ...{ planned: 100, replayed: 60, delivered: 40, died: 8, removed: 2, outstanding: 10 },
};

const seen = (...points: readonly [number, number][]) =>
  points.reduce<readonly Sample[]>((all, [at, settled]) => addSample(all, { at, settled }), []);

it('tells the rate of the last seconds only', () => {
  expect(rateOf(seen([0, 0], [60_000, 30], [65_000, 50]), 65_000)).toBe(4);
});

it('tells no rate of one look, nor of less than a second', () => {
  expect(rateOf([], 0)).toBeUndefined();
  expect(rateOf(seen([0, 0], [500, 5]), 500)).toBeUndefined();
});

it('goes down while nothing comes', () => {
  const samples = seen([0, 0], [5_000, 50]);
  expect([rateOf(samples, 5_000), rateOf(samples, 10_000)]).toEqual([10, 5]);
});

it('tells the time left by what has not come to an end', () => {
  expect(timeLeft(replay, 5)).toBe(10_000);
  expect(timeLeft(replay, 0)).toBeUndefined();
});
