import { beforeEach, expect, test } from 'vitest';
import type { Alert } from './collect-alerts.ts';
import { type AlertTracker, createAlertTracker } from './notifier.ts';

const MINUTE = 60_000;

let clock = 0;
let tracker: AlertTracker;

beforeEach(() => {
  clock = 0;
  tracker = createAlertTracker(() => clock);
});

const alert = (key: string, more: Partial<Alert> = {}): Alert => ({ key, title: key, detail: 'd', ...more });

/** Checks half a minute after the last check, and returns the keys of the notification that is due. */
function check(alerts: readonly Alert[], { isSent = true } = {}) {
  clock += MINUTE / 2;
  const due = tracker.update(alerts);
  if (!due) return undefined;
  if (isSent) tracker.markSent(due);
  const keys = (list: readonly { alert: Alert }[]) => list.map((one) => one.alert.key);
  return { firing: keys(due.firing), lasting: keys(due.lasting), resolved: keys(due.resolved) };
}

const none = { firing: [], lasting: [], resolved: [] };

test('sends an alert when it begins, every hour, and after two checks without it', () => {
  const a = alert('a');
  expect(check([a])).toEqual({ ...none, firing: ['a'] });
  const quiet = Array.from({ length: 119 }, () => check([a]));
  expect(quiet.every((due) => due === undefined)).toBe(true);
  expect(check([a])).toEqual({ ...none, lasting: ['a'] });
  expect(check([])).toBeUndefined();
  expect(check([a])).toBeUndefined();
  expect(check([])).toBeUndefined();
  expect(check([])).toEqual({ ...none, resolved: ['a'] });
  expect(check([])).toBeUndefined();
});

test('sends the alerts within a minute of a notification together', () => {
  expect(check([alert('a')])).toEqual({ ...none, firing: ['a'] });
  expect(check([alert('a'), alert('b')])).toBeUndefined();
  expect(check([alert('a'), alert('b'), alert('c')])).toEqual({ ...none, firing: ['b', 'c'] });
});

test('sends an alert that needs two checks after the second one', () => {
  const a = alert('a', { checks: 2 });
  expect(check([a])).toBeUndefined();
  expect(check([])).toBeUndefined();
  expect(check([a])).toBeUndefined();
  expect(check([a])).toEqual({ ...none, firing: ['a'] });
});

test('sends an unsent alert with the next check, and never one that ended before', () => {
  expect(check([alert('a'), alert('b')], { isSent: false })).toEqual({ ...none, firing: ['a', 'b'] });
  expect(check([alert('a')])).toEqual({ ...none, firing: ['a'] });
  expect(check([])).toBeUndefined();
  expect(check([], { isSent: false })).toEqual({ ...none, resolved: ['a'] });
  expect(check([])).toEqual({ ...none, resolved: ['a'] });
});
