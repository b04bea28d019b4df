import { Registry } from '@sluice/observability';
import type { DeliveryOutcome } from '@sluice/queue';
import { expect, test } from 'vitest';
import type { Attempt } from '../attempt.ts';
import { createAttemptMetrics } from './attempts.ts';

const DELIVERED: DeliveryOutcome = { kind: 'delivered', eventId: 'evt_1', reconciled: false };

/** Records an attempt and returns the number and the sum of the recorded waits. */
async function waitsOf(permit: Attempt['permit'], outcome: DeliveryOutcome = DELIVERED) {
  const registry = new Registry();
  createAttemptMetrics(registry).record({ outcome, attemptsMade: 0, ...(permit ? { permit } : {}) }, 1, 1);
  const text = await registry.metrics();
  return ['count', 'sum'].map((of) =>
    Number(new RegExp(`^sluice_pacing_wait_seconds_${of} (\\d+)$`, 'm').exec(text)?.[1]),
  );
}

const granted = { kind: 'granted', startedAt: 1, isTripped: false } as const;

test('records how long a delivery waited for its bot’s limit, also if its attempt fails', async () => {
  const permit = { ...granted, delayedBy: 'queue', pacedFor: 5_000 } as const;
  expect(await waitsOf(permit)).toEqual([1, 5]);
  const failed: DeliveryOutcome = { kind: 'retry', after: 1, cause: 'refused', reason: '503 Unavailable' };
  expect(await waitsOf(permit, failed)).toEqual([1, 5]);
});

test.each<[string, Attempt['permit']]>([
  ['did not wait', granted],
  ['waited for a held connection or before an earlier attempt', { ...granted, delayedBy: 'queue' }],
  ['is in doubt', { kind: 'in_doubt', startedAt: 1, age: 5_000, delayedBy: 'queue' }],
  ['got no permit', undefined],
])('records no wait of a delivery that %s', async (_, permit) => {
  expect(await waitsOf(permit)).toEqual([0, 0]);
});
