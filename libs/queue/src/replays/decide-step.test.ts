import { describe, expect, test } from 'vitest';
import type { ReplayRecord } from './record.ts';
import { decideStep } from './runner.ts';

const NOW = 1_790_000_000_000;

const replay = (changes: Partial<ReplayRecord> = {}): ReplayRecord => ({
  id: 'rpl_1',
  state: 'running',
  who: 'ops',
  note: '',
  filter: {},
  until: NOW,
  createdAt: NOW,
  planned: 1_000,
  replayed: 0,
  delivered: 0,
  died: 0,
  removed: 0,
  base: { delivered: 0, died: 0 },
  steppedAt: 0,
  credit: 0,
  ...changes,
});

const countOf = (changes: Partial<ReplayRecord>, now = NOW) => {
  const step = decideStep(replay(changes), now);
  return step.kind === 'requeue' ? step.count : step.why;
};

describe('without a rate', () => {
  test.each([
    ['requeues ten at first', {}, 10],
    ['requeues none while ten are outstanding', { replayed: 10 }, 0],
    ['requeues more as they are delivered', { replayed: 10, delivered: 10 }, 30],
    ['requeues two thousand at most', { replayed: 5_000, delivered: 5_000 }, 2_000],
    ['does not count removed deliveries as outstanding', { replayed: 10, removed: 10 }, 10],
    [
      'requeues ten again after it was resumed',
      { replayed: 500, delivered: 500, base: { delivered: 500, died: 0 } },
      10,
    ],
  ])('%s', (_, changes, count) => {
    expect(countOf(changes)).toBe(count);
  });
});

describe('too many failures', () => {
  test('pause the replay at ten of ten', () => {
    expect(countOf({ replayed: 10, died: 10 })).toBe('10 of 10 failed again');
  });

  test('do not pause it if they are few, or a small part of many', () => {
    expect(countOf({ replayed: 10, died: 9, delivered: 1 })).toBe(12);
    expect(countOf({ replayed: 1_000, died: 200, delivered: 800 })).toBe(1_610);
    expect(countOf({ replayed: 1_000, died: 201, delivered: 799 })).toBe('201 of 1000 failed again');
  });

  test('do not count if they were before it was resumed', () => {
    const base = { delivered: 0, died: 10 };
    expect(countOf({ replayed: 10, died: 10, base })).toBe(10);
    expect(countOf({ replayed: 20, died: 20, base })).toBe('10 of 10 failed again');
  });
});

describe('with a rate', () => {
  const proven = { replayed: 5_000, delivered: 5_000 };

  test('requeues the first at once', () => {
    expect(countOf({ perMinute: 60 })).toBe(1);
  });

  test('requeues no more than the elapsed time allows, and keeps the fraction', () => {
    const step = decideStep(replay({ ...proven, perMinute: 600, steppedAt: NOW, credit: 0.25 }), NOW + 250);
    expect(step).toEqual({ kind: 'requeue', count: 2, credit: expect.closeTo(0.75) });
  });

  test('keeps the fraction for a slow rate', () => {
    let [steppedAt, credit, put] = [NOW, 0, 0];
    for (let now = NOW; now < NOW + 60_000; now += 250) {
      const step = decideStep(replay({ ...proven, perMinute: 6, steppedAt, credit }), now);
      if (step.kind === 'pause') throw new Error(step.why);
      put += step.count;
      // A step that requeues nothing is not stored.
      if (step.count > 0) [steppedAt, credit] = [now, step.credit];
    }
    expect(put).toBe(5);
  });

  test('saves at most one second of the rate', () => {
    expect(countOf({ ...proven, perMinute: 600, steppedAt: NOW }, NOW + 3_600_000)).toBe(10);
  });
});
