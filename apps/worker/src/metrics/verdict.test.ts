import type { DeliveryOutcome } from '@sluice/queue';
import { makeDelivery } from '@sluice/testing';
import { expect, test } from 'vitest';
import { judgeEvent, type VerdictDependencies } from './verdict.ts';

const DELIVERED: DeliveryOutcome = { kind: 'delivered', eventId: 'evt_1', reconciled: false };
const RETRY: DeliveryOutcome = { kind: 'retry', after: 1, cause: 'refused', reason: '503 Unavailable' };
const RECEIVED = 1_000_000;
const IN_TIME = RECEIVED + 60_000;

const judge = (outcome: DeliveryOutcome, now: number, dependencies: Partial<VerdictDependencies> = {}) =>
  judgeEvent(
    { queueWaits: { hasWaited: () => false }, isReplayed: async () => false, ...dependencies },
    { outcome, delivery: makeDelivery({ receivedAt: RECEIVED }), attemptsMade: 0 },
    now,
  );

test('an event within a minute of arrival is in time, a later one is late', async () => {
  expect(await judge(DELIVERED, IN_TIME)).toBe('in_time');
  expect(await judge(DELIVERED, IN_TIME + 1)).toBe('late');
});

test('a failed attempt counts as overdue once the minute is over', async () => {
  expect(await judge(RETRY, IN_TIME)).toBeUndefined();
  expect(await judge(RETRY, IN_TIME + 1)).toBe('overdue');
  expect(await judge({ kind: 'verifying', until: 1 }, IN_TIME + 1)).toBe('overdue');
});

test.each([
  [
    'waited for its bot limit or a held connection',
    { queueWaits: { hasWaited: (_: string, since: number) => since === RECEIVED } },
  ],
  ['was replayed', { isReplayed: async () => true }],
])('a delivery that %s is apart', async (_, dependencies) => {
  expect(await judge(DELIVERED, IN_TIME + 1, dependencies)).toBe('apart');
  expect(await judge(RETRY, IN_TIME + 1, dependencies)).toBeUndefined();
});

test('an unreachable Redis does not make a delivery apart', async () => {
  const isReplayed = async () => Promise.reject(new Error('away'));
  expect(await judge(DELIVERED, IN_TIME + 1, { isReplayed })).toBe('late');
});

test.each<DeliveryOutcome>([
  { kind: 'dead', reason: 'invalid_input', detail: { message: 'no' } },
  { kind: 'erased', removed: 1 },
  { kind: 'lost' },
])('an outcome of kind $kind gets no verdict', async (outcome) => {
  expect(await judge(outcome, IN_TIME + 1)).toBeUndefined();
});
