import type { LedgerRow } from '@sluice/queue';
import { expect, test } from 'vitest';
import { createRateHistory, drainTime, findSilence, type MinutePoint } from './rate-history.ts';

/** Start of a minute. */
const T = 1_790_000_040_000;
const SECOND = 1_000;

const row = (connection: string, accepted: number, delivered = 0, botFailed = 0) =>
  ({
    ...{ connection, accepted, delivered, duplicates: 0, ignored: 0, replayed: 0 },
    ...{ botFailed, botIgnored: 0 },
  }) as LedgerRow;

const flow = (webhooks: number, events: number) => ({ webhooks, accepted: webhooks, events });

test('ignores traffic before the first sample', () => {
  const history = createRateHistory();
  expect(history.since).toBeUndefined();
  history.add({ rows: [row('a', 1_000, 900)] }, T);
  expect(history.since).toBe(T);
  expect(history.read('a', T)).toEqual({
    ...{ lately: flow(0, 0), span: 0, lastSeen: undefined },
    history: [{ at: T, ...flow(0, 0) }],
  });
});

test('returns rates of the last 60 s and points of minutes', () => {
  const history = createRateHistory();
  for (let sample = 0; sample <= 12; sample++)
    history.add({ rows: [row('a', sample * 5, sample * 2)] }, T + sample * 10 * SECOND);
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

test('counts events that the bot failed, whose deliveries have left the delivered ones', () => {
  const history = createRateHistory();
  history.add({ rows: [row('a', 10, 10)] }, T);
  history.add({ rows: [row('a', 12, 5, 7)] }, T + 10 * SECOND);
  expect(history.read('a', T + 10 * SECOND).lately).toEqual(flow(2, 2));
});

test('counts a new connection of the ledger from 0', () => {
  const history = createRateHistory();
  history.add({ rows: [] }, T);
  history.add({ rows: [row('new', 3)] }, T + 10 * SECOND);
  expect(history.read('new', T + 10 * SECOND)).toMatchObject({
    lately: flow(3, 0),
    lastSeen: T + 10 * SECOND,
  });
  expect(history.read('other', T + 10 * SECOND)).toMatchObject({ lately: flow(0, 0), lastSeen: undefined });
});

test('assigns traffic during a gap to no minute, and dates it at the previous sample', () => {
  const history = createRateHistory();
  history.add({ rows: [row('a', 1)] }, T);
  history.add({ rows: [row('a', 501)] }, T + 600 * SECOND);
  const { lately, history: points, lastSeen, span } = history.read('a', T + 600 * SECOND);
  expect({ lately, lastSeen, span }).toEqual({ lately: flow(0, 0), lastSeen: T, span: 0 });
  expect(points.map(({ at, webhooks }) => [at, webhooks])).toEqual([
    [T, 0],
    [T + 600 * SECOND, 0],
  ]);
});

test('keeps one hour, and ignores counters that decreased', () => {
  const history = createRateHistory();
  for (let sample = 0; sample < 500; sample++)
    history.add({ rows: [row('a', sample)] }, T + sample * 10 * SECOND);
  const { history: points } = history.read('a', T + 4_990 * SECOND);
  expect(points).toHaveLength(60);
  expect(points.slice(0, 59).every(({ webhooks }) => webhooks === 6)).toBe(true);
  history.add({ rows: [row('a', 2)] }, T + 5_000 * SECOND);
  expect(history.read('a', T + 5_060 * SECOND).lately.webhooks).toBe(0);
});

test('estimates the drain time from the slower of the limit and the rate', () => {
  const traffic = { lately: flow(0, 30), span: 60_000 };
  expect(drainTime(60, traffic, 600)).toBe(120);
  expect(drainTime(60, traffic, 10)).toBe(360);
  expect(drainTime(60, { ...traffic, span: 30_000 }, 600)).toBe(60);
  expect(drainTime(0, traffic, 600)).toBe(0);
  expect(drainTime(60, { ...traffic, lately: flow(30, 30) }, 600)).toBeNull();
  expect(drainTime(60, { lately: flow(0, 0), span: 60_000 }, 600)).toBeNull();
  expect(drainTime(60, { lately: flow(0, 3), span: 0 }, 600)).toBeNull();
});

test('reports a silence that is much longer than any previous one', () => {
  const points = (webhooks: readonly number[]): MinutePoint[] =>
    webhooks.map((number, index) => ({ at: T + index * 60 * SECOND, ...flow(number, 0) }));
  const busy = Array.from({ length: 12 }, () => 3);
  const now = 0;
  expect(findSilence(points([...busy, 0, 0, 0, 0, 0, now]))).toBe(6);
  expect(findSilence(points([...busy, 0, 0, 0, now]))).toBeUndefined();
  // Its usual rhythm is every third minute.
  const slow = Array.from({ length: 36 }, (_, index) => (index % 3 === 0 ? 1 : 0));
  expect(findSilence(points([...slow, 0, 0, 0, 0, now]))).toBeUndefined();
  expect(findSilence(points([...slow, 0, 0, 0, 0, 0, 0, now]))).toBe(9);
  expect(findSilence(points([1, 1, ...Array.from({ length: 50 }, () => 0)]))).toBeUndefined();
});
