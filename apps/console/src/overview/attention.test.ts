import type { ReplayRecord } from '@sluice/queue';
import { expect, test } from 'vitest';
import type { SystemState } from '../notifications/collect-alerts.ts';
import { findAttention } from './attention.ts';

const NOW = 1_790_000_000_000;
const healthy: SystemState = {
  ...{
    holds: [],
    replays: [],
    dead: 0,
    groups: [],
    deliveries: { waiting: 0, active: 0, delayed: 0, dead: 0 },
    oldest: undefined,
    memoryRatio: 0.1,
    hasWorkers: true,
  },
  redis: {} as SystemState['redis'],
};

const find = (change: Partial<SystemState>, silent: ReadonlyMap<string, number> = new Map()) =>
  findAttention({
    state: { ...healthy, ...change },
    ...{ ledgerHolds: true, recentlyDead: 0, hourAgo: NOW - 3_600_000, silent, now: NOW },
  });

test('returns nothing for a healthy system', () => {
  expect(find({})).toEqual([]);
});

test('orders conditions by urgency, with their path in the page and personal data masked', () => {
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
  expect(found[1]?.text).toBe(
    'Circuit open, Botpress rejects the connection: 401 for •••@•••. Waiting deliveries: 3.',
  );
  expect(JSON.stringify(found)).not.toContain('ann@');
});
