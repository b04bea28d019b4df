import type { ReplayRecord } from '@sluice/queue';
import { expect, test } from 'vitest';
import { createDeathCount } from './death-count.ts';
import { findAlerts } from './find-alerts.ts';
import type { Situation } from './read-situation.ts';

const NOW = 1_790_000_000_000;
const limits = { oldestSeconds: 300, deadLetters: 50, memoryPercent: 80 };
const well: Situation = {
  holds: [],
  replays: [],
  dead: 7,
  groups: [],
  figures: {} as Situation['figures'],
  oldest: NOW - 299_000,
  memoryRatio: 0.79,
  hasWorkers: true,
};
const hold = { connection: 'acme', reason: '401 Unauthorized', since: NOW, waiting: 3 } as const;
const replay = { id: 'rpl_1', state: 'paused', died: 9, replayed: 10 } as ReplayRecord;

const keysOf = (situation: Situation | undefined, risen = 49) =>
  findAlerts({ situation, risen, limits, now: NOW }).map(({ key }) => key);

test('of what is well nothing is told', () => {
  expect(keysOf(well)).toEqual([]);
  expect(keysOf({ ...well, oldest: undefined, hasWorkers: undefined })).toEqual([]);
});

test.each<[string, Partial<Situation>]>([
  ['connection-held:acme', { holds: [{ ...hold, by: 'refusals' }] }],
  ['replay-paused:rpl_1', { replays: [{ ...replay, pausedBy: 'failures' }] }],
  ['oldest-waiting', { oldest: NOW - 300_000 }],
  ['redis-memory', { memoryRatio: 0.8 }],
  ['no-worker', { hasWorkers: false }],
])('%s', (key, change) => {
  expect(keysOf({ ...well, ...change })).toEqual([key]);
});

test('dead letters that rise, and a Redis that does not answer', () => {
  expect(keysOf(well, 50)).toEqual(['dead-letters']);
  expect(keysOf(undefined)).toEqual(['redis-away']);
});

test('what an operator has done is no news', () => {
  const holds = [{ ...hold, by: 'operator' as const }];
  const replays = [
    { ...replay, pausedBy: 'operator' as const },
    { ...replay, state: 'running' as const },
  ];
  expect(keysOf({ ...well, holds, replays })).toEqual([]);
});

test('dead letters are counted from their fewest within ten minutes', () => {
  let clock = 0;
  const rising = createDeathCount(() => clock);
  const after = (minutes: number, dead: number) => {
    clock += minutes * 60_000;
    return rising(dead);
  };
  expect([after(0, 1_000), after(1, 1_010), after(1, 100), after(1, 130)]).toEqual([0, 10, 0, 30]);
  expect([after(8, 130), after(1, 131)]).toEqual([30, 1]);
});
