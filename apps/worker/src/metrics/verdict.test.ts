import type { DeliveryOutcome } from '@sluice/queue';
import { makeDelivery } from '@sluice/testing';
import { expect, test } from 'vitest';
import { judgeEvent, type VerdictDependencies } from './verdict.ts';

const DELIVERED: DeliveryOutcome = { kind: 'delivered', eventId: 'evt_1', reconciled: false };
const RETRY: DeliveryOutcome = { kind: 'retry', after: 1, reason: '503 Unavailable' };
const RECEIVED = 1_000_000;
const IN_TIME = RECEIVED + 60_000;

const judge = (outcome: DeliveryOutcome, now: number, judging: Partial<VerdictDependencies> = {}) =>
  judgeEvent(
    { lanes: { hasWaited: () => false }, isReplayed: async () => false, ...judging },
    { outcome, delivery: makeDelivery({ receivedAt: RECEIVED }), attemptsMade: 0 },
    now,
  );

test('an event within a minute of its arrival is in time, a later one late', async () => {
  expect(await judge(DELIVERED, IN_TIME)).toBe('in_time');
  expect(await judge(DELIVERED, IN_TIME + 1)).toBe('late');
});

test('what failed and is tried again counts from when its time is past', async () => {
  expect(await judge(RETRY, IN_TIME)).toBeUndefined();
  expect(await judge(RETRY, IN_TIME + 1)).toBe('overdue');
  expect(await judge({ kind: 'verifying', until: 1 }, IN_TIME + 1)).toBe('overdue');
});

test.each([
  [
    'waited for its bot or a hold',
    { lanes: { hasWaited: (_: string, since: number) => since === RECEIVED } },
  ],
  ['was dead and put back', { isReplayed: async () => true }],
])('what %s is apart', async (_, judging) => {
  expect(await judge(DELIVERED, IN_TIME + 1, judging)).toBe('apart');
  expect(await judge(RETRY, IN_TIME + 1, judging)).toBeUndefined();
});

test('a Redis that does not say whether it was put back makes nothing apart', async () => {
  const isReplayed = async () => Promise.reject(new Error('away'));
  expect(await judge(DELIVERED, IN_TIME + 1, { isReplayed })).toBe('late');
});

test.each<DeliveryOutcome>([
  { kind: 'dead', reason: 'invalid_input', detail: { message: 'no' } },
  { kind: 'erased', removed: 1 },
  { kind: 'lost' },
])('$kind is not judged', async (outcome) => {
  expect(await judge(outcome, IN_TIME + 1)).toBeUndefined();
});
