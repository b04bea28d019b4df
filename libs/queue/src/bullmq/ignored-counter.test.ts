import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { IgnoredCounter } from './ignored-counter.ts';

let isReady: boolean;
let written: Record<string, number>[];
let counter: IgnoredCounter;

beforeEach(() => {
  vi.useFakeTimers();
  isReady = true;
  written = [];
  counter = new IgnoredCounter({
    isReady: () => isReady,
    write: async (counts) => {
      written.push(Object.fromEntries(counts));
    },
  });
});

afterEach(() => {
  vi.useRealTimers();
});

test('writes counts that were not taken together after a second', async () => {
  counter.count('acme', 1);
  await vi.advanceTimersByTimeAsync(999);
  counter.count('acme', 2);
  counter.count('other', 1);
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(written).toEqual([{ acme: 3, other: 1 }]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(written).toHaveLength(1);
});

test('writes counts that follow a take, and not those that were taken', async () => {
  counter.count('acme', 1);
  expect(Object.fromEntries(counter.take())).toEqual({ acme: 1 });
  counter.count('acme', 4);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written).toEqual([{ acme: 4 }]);
});

test('keeps counts while Redis is unreachable', async () => {
  isReady = false;
  counter.count('acme', 1);
  await vi.advanceTimersByTimeAsync(60_000);
  counter.count('acme', 1);
  isReady = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written).toEqual([{ acme: 2 }]);
});

test('closes within half a second if Redis does not reply', async () => {
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
