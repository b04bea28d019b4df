import type { ReplayRecord } from '@sluice/queue';
import { expect, test } from 'vitest';
import type { Situation } from '../notifications/read-situation.ts';
import { findAttention } from './find-attention.ts';

const NOW = 1_790_000_000_000;
const well: Situation = {
  ...{ holds: [], replays: [], dead: 0, groups: [], oldest: undefined, memoryRatio: 0.1, hasWorkers: true },
  figures: {} as Situation['figures'],
};

const find = (change: Partial<Situation>, silent: ReadonlyMap<string, number> = new Map()) =>
  findAttention({
    situation: { ...well, ...change },
    ...{ ledgerHolds: true, deadLately: 0, hourAgo: NOW - 3_600_000, silent, now: NOW },
  });

test('of what is well nothing is told', () => {
  expect(find({})).toEqual([]);
});

test('the most urgent first, each with its place in the page, and nothing of a person', () => {
  const replay = { id: 'rpl_1', state: 'paused', died: 9, replayed: 10, pausedBy: 'failures' };
  const hold = { connection: 'acme', reason: '401 for ann@example.com', since: NOW, waiting: 3 };
  const found = find(
    {
      replays: [replay as ReplayRecord],
      holds: [
        { ...hold, connection: 'other', by: 'operator' },
        { ...hold, by: 'refusals' },
      ],
      memoryRatio: 0.9,
    },
    new Map([['shop', 12]]),
  );
  expect(found.map(({ severity, connection, to }) => [severity, connection, to])).toEqual([
    ['page', undefined, '/'],
    ['page', 'acme', '/connections?open=acme'],
    ['ticket', undefined, '/replays/rpl_1'],
    ['ticket', 'shop', '/connections?open=shop'],
    ['note', 'other', '/connections?open=other'],
  ]);
  expect(found[1]?.text).toBe('held, for Botpress refuses it: 401 for •••@•••; 3 wait.');
  expect(JSON.stringify(found)).not.toContain('ann@');
});
