import { expect, test } from 'vitest';
import { nextRetry } from './retry-schedule.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const middle = () => 0.5;

test('follows the schedule, then retries every two hours', () => {
  const waits = Array.from({ length: 10 }, (_, attemptsMade) =>
    nextRetry({ attemptsMade, budget: DAY, random: middle }),
  );
  const minutes = (count: number) => count * 60_000;
  expect(waits).toEqual([
    1_000,
    5_000,
    30_000,
    minutes(2),
    minutes(5),
    minutes(15),
    minutes(30),
    HOUR,
    2 * HOUR,
    2 * HOUR,
  ]);
});

test('ends within the budget of a day, but not long before its end', () => {
  let spent = 0;
  let attemptsMade = 0;
  for (;;) {
    const wait = nextRetry({ attemptsMade, budget: DAY, random: middle });
    if (wait === undefined) break;
    spent += wait;
    attemptsMade++;
  }
  expect(spent).toBeLessThanOrEqual(DAY);
  expect(spent).toBeGreaterThan(DAY - 2 * HOUR);
  expect(attemptsMade).toBe(19);
});

test('jitters by 20 % in both directions', () => {
  expect(nextRetry({ attemptsMade: 1, budget: DAY, random: () => 0 })).toBe(4_000);
  expect(nextRetry({ attemptsMade: 1, budget: DAY, random: () => 1 })).toBe(6_000);
});

test('never retries before Retry-After, and gives up when that exceeds the budget', () => {
  for (const random of [() => 0, middle, () => 1]) {
    const wait = nextRetry({ attemptsMade: 0, budget: DAY, retryAfter: 90_000, random });
    expect(wait).toBeGreaterThanOrEqual(90_000);
  }
  expect(nextRetry({ attemptsMade: 0, budget: DAY, retryAfter: DAY + 1, random: middle })).toBeUndefined();
});
