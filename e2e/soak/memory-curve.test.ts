import { expect, test } from 'vitest';
import { afterWarmUp, type MemorySample, slopeOf } from './memory-curve.ts';

/** Returns one sample a minute. */
const samples = (mib: (minute: number) => number | undefined): MemorySample[] =>
  Array.from({ length: 61 }, (_, minutes) => ({
    minutes,
    accepted: 0,
    processes: [{ name: 'worker 1', mib: mib(minutes) }],
  }));

test('the slope ignores a sawtooth', () => {
  expect(
    slopeOf(
      samples((minute) => 100 + minute / 2),
      'worker 1',
    ),
  ).toBeCloseTo(30);
  expect(
    Math.abs(
      slopeOf(
        samples((minute) => 100 + (minute % 5)),
        'worker 1',
      ),
    ),
  ).toBeLessThan(1);
});

test('missing samples are skipped', () => {
  expect(
    slopeOf(
      samples((minute) => (minute % 2 ? undefined : minute)),
      'worker 1',
    ),
  ).toBeCloseTo(60);
  expect(
    slopeOf(
      samples(() => 1),
      'worker 2',
    ),
  ).toBeNaN();
});

test('the first ten minutes are excluded', () => {
  const settled = samples((minute) => (minute < 10 ? minute * 10 : 100));
  expect(slopeOf(settled, 'worker 1')).toBeGreaterThan(10);
  expect(slopeOf(afterWarmUp(settled), 'worker 1')).toBe(0);
});
