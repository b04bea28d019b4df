import type { LedgerRow } from '@sluice/queue';
import { expect, test } from 'vitest';
import { drainTime } from './drain-time.ts';
import { findSilence } from './find-silent.ts';
import { createRateHistory, type MinutePoint } from './rate-history.ts';

/** When a minute begins. */
const T = 1_790_000_040_000;
const SECOND = 1_000;

const row = (connection: string, accepted: number, delivered = 0) =>
  ({
    ...{ connection, accepted, delivered, duplicates: 0, ignored: 0, replayed: 0 },
  }) as LedgerRow;

const flow = (webhooks: number, events: number) => ({ webhooks, accepted: webhooks, events });

test('what was there before the first look is no traffic', () => {
  const history = createRateHistory();
  expect(history.since).toBeUndefined();
  history.take({ rows: [row('a', 1_000, 900)] }, T);
  expect(history.since).toBe(T);
  expect(history.read('a', T)).toEqual({
    ...{ lately: flow(0, 0), span: 0, lastSeen: undefined },
    history: [{ at: T, ...flow(0, 0) }],
  });
});

test('rates are of the last 60 s, points are of minutes', () => {
  const history = createRateHistory();
  for (let look = 0; look <= 12; look++)
    history.take({ rows: [row('a', look * 5, look * 2)] }, T + look * 10 * SECOND);
  const seen = history.read('a', T + 120 * SECOND);
  expect(seen).toEqual({
    ...{ lately: flow(30, 12), span: 60_000, lastSeen: T + 120 * SECOND },
    history: [
      { at: T, ...flow(25, 10) },
      { at: T + 60 * SECOND, ...flow(30, 12) },
      { at: T + 120 * SECOND, ...flow(5, 2) },
    ],
  });
});

test('one that the ledger has not had before began at nothing', () => {
  const history = createRateHistory();
  history.take({ rows: [] }, T);
  history.take({ rows: [row('new', 3)] }, T + 10 * SECOND);
  expect(history.read('new', T + 10 * SECOND)).toMatchObject({
    lately: flow(3, 0),
    lastSeen: T + 10 * SECOND,
  });
  expect(history.read('other', T + 10 * SECOND)).toMatchObject({ lately: flow(0, 0), lastSeen: undefined });
});

test('what came while nobody looked is of no minute, and was not before the last look', () => {
  const history = createRateHistory();
  history.take({ rows: [row('a', 1)] }, T);
  history.take({ rows: [row('a', 501)] }, T + 600 * SECOND);
  const { lately, history: points, lastSeen, span } = history.read('a', T + 600 * SECOND);
  expect({ lately, lastSeen, span }).toEqual({ lately: flow(0, 0), lastSeen: T, span: 0 });
  expect(points.map(({ at, webhooks }) => [at, webhooks])).toEqual([
    [T, 0],
    [T + 600 * SECOND, 0],
  ]);
});

test('an hour is kept, and counters that begin again are no traffic', () => {
  const history = createRateHistory();
  for (let look = 0; look < 500; look++) history.take({ rows: [row('a', look)] }, T + look * 10 * SECOND);
  const { history: points } = history.read('a', T + 4_990 * SECOND);
  expect(points).toHaveLength(60);
  expect(points.slice(0, 59).every(({ webhooks }) => webhooks === 6)).toBe(true);
  history.take({ rows: [row('a', 2)] }, T + 5_000 * SECOND);
  expect(history.read('a', T + 5_060 * SECOND).lately.webhooks).toBe(0);
});

test('drains at the slower of what its bot may get and what it got', () => {
  const traffic = { lately: flow(0, 30), span: 60_000 };
  expect(drainTime(60, traffic, 600)).toBe(120);
  expect(drainTime(60, traffic, 10)).toBe(360);
  expect(drainTime(60, { ...traffic, span: 30_000 }, 600)).toBe(60);
  expect(drainTime(0, traffic, 600)).toBe(0);
  expect(drainTime(60, { ...traffic, lately: flow(30, 30) }, 600)).toBeNull();
  expect(drainTime(60, { lately: flow(0, 0), span: 60_000 }, 600)).toBeNull();
  expect(drainTime(60, { lately: flow(0, 3), span: 0 }, 600)).toBeNull();
});

test('silent is what has never been silent for nearly so long', () => {
  const points = (webhooks: readonly number[]): MinutePoint[] =>
    webhooks.map((number, index) => ({ at: T + index * 60 * SECOND, ...flow(number, 0) }));
  const busy = Array.from({ length: 12 }, () => 3);
  const now = 0;
  expect(findSilence(points([...busy, 0, 0, 0, 0, 0, now]))).toBe(6);
  expect(findSilence(points([...busy, 0, 0, 0, now]))).toBeUndefined();
  // Every third minute is its way.
  const slow = Array.from({ length: 36 }, (_, index) => (index % 3 === 0 ? 1 : 0));
  expect(findSilence(points([...slow, 0, 0, 0, 0, now]))).toBeUndefined();
  expect(findSilence(points([...slow, 0, 0, 0, 0, 0, 0, now]))).toBe(9);
  expect(findSilence(points([1, 1, ...Array.from({ length: 50 }, () => 0)]))).toBeUndefined();
});
