import { beforeEach, expect, test } from 'vitest';
import type { Alert } from './alert.ts';
import { type NewsDesk, openNewsDesk } from './news-desk.ts';

const MINUTE = 60_000;

let clock = 0;
let desk: NewsDesk;

beforeEach(() => {
  clock = 0;
  desk = openNewsDesk(() => clock);
});

const alert = (key: string, more: Partial<Alert> = {}): Alert => ({ key, title: key, detail: 'd', ...more });

/** A look half a minute after the last; tells what is to be told, unless it cannot be. */
function look(alerts: readonly Alert[], { tells = true } = {}) {
  clock += MINUTE / 2;
  const news = desk.look(alerts);
  if (!news) return undefined;
  if (tells) desk.told(news);
  const keys = (list: readonly { alert: Alert }[]) => list.map((told) => told.alert.key);
  return { begun: keys(news.begun), lasting: keys(news.lasting), over: keys(news.over) };
}

const none = { begun: [], lasting: [], over: [] };

test('an alert is told once, after an hour again, and when two looks have not found it any more', () => {
  const a = alert('a');
  expect(look([a])).toEqual({ ...none, begun: ['a'] });
  const quiet = Array.from({ length: 119 }, () => look([a]));
  expect(quiet.every((news) => news === undefined)).toBe(true);
  expect(look([a])).toEqual({ ...none, lasting: ['a'] });
  expect(look([])).toBeUndefined();
  expect(look([a])).toBeUndefined();
  expect(look([])).toBeUndefined();
  expect(look([])).toEqual({ ...none, over: ['a'] });
  expect(look([])).toBeUndefined();
});

test('what comes within a minute of a message is told together after it', () => {
  expect(look([alert('a')])).toEqual({ ...none, begun: ['a'] });
  expect(look([alert('a'), alert('b')])).toBeUndefined();
  expect(look([alert('a'), alert('b'), alert('c')])).toEqual({ ...none, begun: ['b', 'c'] });
});

test('one that needs two looks is not told of after one', () => {
  const a = alert('a', { looks: 2 });
  expect(look([a])).toBeUndefined();
  expect(look([])).toBeUndefined();
  expect(look([a])).toBeUndefined();
  expect(look([a])).toEqual({ ...none, begun: ['a'] });
});

test('what could not be told is told by the next look; what is over meanwhile, never', () => {
  expect(look([alert('a'), alert('b')], { tells: false })).toEqual({ ...none, begun: ['a', 'b'] });
  expect(look([alert('a')])).toEqual({ ...none, begun: ['a'] });
  expect(look([])).toBeUndefined();
  expect(look([], { tells: false })).toEqual({ ...none, over: ['a'] });
  expect(look([])).toEqual({ ...none, over: ['a'] });
});
