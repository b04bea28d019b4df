import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { IgnoredCounter } from './ignored-counter.ts';

let isReady: boolean;
let written: Record<string, number>[];
let tally: IgnoredCounter;

beforeEach(() => {
  vi.useFakeTimers();
  isReady = true;
  written = [];
  tally = new IgnoredCounter({
    isReady: () => isReady,
    write: async (counts) => {
      written.push(Object.fromEntries(counts));
    },
  });
});

afterEach(() => {
  vi.useRealTimers();
});

test('what nobody took goes after a second, together', async () => {
  tally.count('acme', 1);
  await vi.advanceTimersByTimeAsync(999);
  tally.count('acme', 2);
  tally.count('other', 1);
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(written).toEqual([{ acme: 3, other: 1 }]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(written).toHaveLength(1);
});

test('what was taken is not written, what comes after it is', async () => {
  tally.count('acme', 1);
  expect(Object.fromEntries(tally.take())).toEqual({ acme: 1 });
  tally.count('acme', 4);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written).toEqual([{ acme: 4 }]);
});

test('while Redis is away it is kept', async () => {
  isReady = false;
  tally.count('acme', 1);
  await vi.advanceTimersByTimeAsync(60_000);
  tally.count('acme', 1);
  isReady = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written).toEqual([{ acme: 2 }]);
});

test('a Redis that does not answer holds the end up for half a second at most', async () => {
  const stuck = new IgnoredCounter({ isReady: () => true, write: () => new Promise(() => {}) });
  stuck.count('acme', 1);
  let isClosed = false;
  void stuck.close().then(() => {
    isClosed = true;
  });
  await vi.advanceTimersByTimeAsync(499);
  expect(isClosed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(isClosed).toBe(true);
});
