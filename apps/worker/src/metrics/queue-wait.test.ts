import type { DeliveryOutcome } from '@sluice/queue';
import { makeDelivery } from '@sluice/testing';
import { expect, test } from 'vitest';
import { createQueueWaitTracker } from './verdict.ts';

const lane = { connection: 'acme-orders', bot: { id: 'bot', eventsPerMinute: 600 }, share: 1 };
const PACED: DeliveryOutcome = { kind: 'paced', until: 9_000, lane };
const DELIVERED: DeliveryOutcome = { kind: 'delivered', eventId: 'evt_1', reconciled: false };
const delivery = makeDelivery({ receivedAt: 1_000 });
const attempt = (outcome: DeliveryOutcome, of = delivery) => ({ outcome, delivery: of, attemptsMade: 0 });

test('reports once how long a delivery waited for its permit, counted from its first pacing', () => {
  const memory = createQueueWaitTracker();
  expect(memory.track(attempt(PACED), 2_000)).toEqual({});
  expect(memory.track(attempt(PACED), 3_000)).toEqual({});
  expect(memory.track(attempt(DELIVERED), 7_000)).toEqual({ waited: 5_000 });
  expect(memory.track(attempt(DELIVERED), 8_000)).toEqual({});
});

test('knows since when any delivery of a connection has waited', () => {
  const memory = createQueueWaitTracker();
  memory.track(attempt({ kind: 'held', until: 1, cause: 'refusals', reason: '401', lane }), 2_000);
  expect(memory.track(attempt(DELIVERED), 7_000)).toEqual({});
  expect(memory.hasWaited('acme-orders', 2_000)).toBe(true);
  expect(memory.hasWaited('acme-orders', 2_001)).toBe(false);
  expect(memory.hasWaited('other', 0)).toBe(false);
});

test('a wait for concurrent calls does not count as pacing', () => {
  const memory = createQueueWaitTracker();
  memory.track(attempt({ kind: 'paced', until: 9_000 }), 2_000);
  expect(memory.track(attempt(DELIVERED), 7_000)).toEqual({});
  expect(memory.hasWaited('acme-orders', 0)).toBe(false);
});

test('remembers at most ten thousand deliveries', () => {
  const memory = createQueueWaitTracker();
  const first = makeDelivery();
  memory.track(attempt(PACED, first), 1);
  for (let count = 0; count < 10_000; count++) memory.track(attempt(PACED, makeDelivery()), 1);
  expect(memory.track(attempt(DELIVERED, first), 7)).toEqual({});
});
