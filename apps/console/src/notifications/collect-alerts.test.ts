import type { ReplayRecord } from '@sluice/queue';
import { expect, test } from 'vitest';
import { collectAlerts, type SystemState, trackIncrease } from './collect-alerts.ts';

const NOW = 1_790_000_000_000;
const limits = { oldestSeconds: 300, deadLetters: 50, memoryPercent: 80 };
const healthy: SystemState = {
  holds: [],
  replays: [],
  dead: 7,
  deliveries: { waiting: 0, active: 0, delayed: 0, dead: 0 },
  groups: [],
  redis: {} as SystemState['redis'],
  oldest: NOW - 299_000,
  memoryRatio: 0.79,
  hasWorkers: true,
};
const hold = { connection: 'acme', reason: '401 Unauthorized', since: NOW, waiting: 3 } as const;
const replay = { id: 'rpl_1', state: 'paused', died: 9, replayed: 10 } as ReplayRecord;

const keysOf = (state: SystemState | undefined, increase = 49) =>
  collectAlerts({ state, increase, limits, now: NOW }).map(({ key }) => key);

test('collects nothing from a healthy system', () => {
  expect(keysOf(healthy)).toEqual([]);
  expect(keysOf({ ...healthy, oldest: undefined, hasWorkers: undefined })).toEqual([]);
});

test.each<[string, Partial<SystemState>]>([
  ['connection-held:acme', { holds: [{ ...hold, by: 'refusals' }] }],
  ['replay-paused:rpl_1', { replays: [{ ...replay, pausedBy: 'failures' }] }],
  ['oldest-waiting', { oldest: NOW - 300_000 }],
  ['redis-memory', { memoryRatio: 0.8 }],
  ['no-worker', { hasWorkers: false }],
])('collects %s', (key, change) => {
  expect(keysOf({ ...healthy, ...change })).toEqual([key]);
});

test('collects an increase of dead letters, and a Redis that does not answer', () => {
  expect(keysOf(healthy, 50)).toEqual(['dead-letters']);
  expect(keysOf(undefined)).toEqual(['redis-away']);
});

test('collects nothing that an operator paused', () => {
  const holds = [{ ...hold, by: 'operator' as const }];
  const replays = [
    { ...replay, pausedBy: 'operator' as const },
    { ...replay, state: 'running' as const },
  ];
  expect(keysOf({ ...healthy, holds, replays })).toEqual([]);
});

test('measures an increase from the minimum of the last ten minutes', () => {
  let clock = 0;
  const increase = trackIncrease(() => clock);
  const after = (minutes: number, dead: number) => {
    clock += minutes * 60_000;
    return increase(dead);
  };
  expect([after(0, 1_000), after(1, 1_010), after(1, 100), after(1, 130)]).toEqual([0, 10, 0, 30]);
  expect([after(8, 130), after(1, 131)]).toEqual([30, 1]);
});
