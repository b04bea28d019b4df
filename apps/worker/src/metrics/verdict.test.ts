import type { DeliveryOutcome } from '@sluice/queue';
import { makeDelivery } from '@sluice/testing';
import { expect, test } from 'vitest';
import type { Attempt } from '../attempt.ts';
import { judgeEvent } from './verdict.ts';

const DELIVERED: DeliveryOutcome = { kind: 'delivered', eventId: 'evt_1', reconciled: false };
const RETRY: DeliveryOutcome = { kind: 'retry', after: 1, cause: 'refused', reason: '503 Unavailable' };
const VERIFYING: DeliveryOutcome = { kind: 'verifying', until: 1 };
const RECEIVED = 1_000_000;
const IN_TIME = RECEIVED + 60_000;

const GRANTED = { kind: 'granted', startedAt: RECEIVED, isTripped: false } as const;
const IN_DOUBT = { kind: 'in_doubt', startedAt: RECEIVED, age: 60_001 } as const;

const judge = (outcome: DeliveryOutcome, now: number, permit: Attempt['permit'] = GRANTED) =>
  judgeEvent({ outcome, permit, delivery: makeDelivery({ receivedAt: RECEIVED }), attemptsMade: 0 }, now);

test('an event within a minute of arrival is in time, a later one is late', () => {
  expect(judge(DELIVERED, IN_TIME)).toBe('in_time');
  expect(judge(DELIVERED, IN_TIME + 1)).toBe('late');
  expect(judge({ ...DELIVERED, reconciled: true }, IN_TIME + 1, IN_DOUBT)).toBe('late');
});

test('a failed attempt counts as overdue once the minute is over', () => {
  expect(judge(RETRY, IN_TIME)).toBeUndefined();
  expect(judge(RETRY, IN_TIME + 1)).toBe('overdue');
  expect(judge(VERIFYING, IN_TIME + 1, IN_DOUBT)).toBe('overdue');
});

test.each([
  ['waited in its connection queue', 'queue'],
  ['was replayed', 'replay'],
] as const)('a delivery that %s is apart', (_, delayedBy) => {
  expect(judge(DELIVERED, IN_TIME, { ...GRANTED, delayedBy })).toBe('in_time');
  expect(judge(DELIVERED, IN_TIME + 1, { ...GRANTED, delayedBy })).toBe('apart');
  expect(judge({ ...DELIVERED, reconciled: true }, IN_TIME + 1, { ...IN_DOUBT, delayedBy })).toBe('apart');
  expect(judge(RETRY, IN_TIME + 1, { ...GRANTED, delayedBy })).toBeUndefined();
  expect(judge(VERIFYING, IN_TIME + 1, { ...IN_DOUBT, delayedBy })).toBeUndefined();
});

test.each<DeliveryOutcome>([
  { kind: 'dead', reason: 'invalid_input', detail: { message: 'no' } },
  { kind: 'erased', removed: 1 },
  { kind: 'lost' },
])('an outcome of kind $kind gets no verdict', (outcome) => {
  expect(judge(outcome, IN_TIME + 1)).toBeUndefined();
});

test('a compliance request, which becomes no event, gets no verdict', () => {
  const outcome = { kind: 'retry', after: 1, cause: 'compliance', reason: '2 deliveries in flight' } as const;
  const delivery = makeDelivery({ receivedAt: RECEIVED });
  expect(judgeEvent({ outcome, delivery, attemptsMade: 0 }, IN_TIME + 1)).toBeUndefined();
});

test('a forward has no verdict', () => {
  const forward = {
    permit: GRANTED,
    delivery: makeDelivery({ receivedAt: RECEIVED }),
    isForward: true,
  } as const;
  const judgeForward = (outcome: DeliveryOutcome) =>
    judgeEvent({ ...forward, outcome, attemptsMade: 0 }, IN_TIME + 1);
  expect(judgeForward({ kind: 'forwarded', status: 200 })).toBeUndefined();
  expect(judgeForward(RETRY)).toBeUndefined();
});
