import { Registry } from '@sluice/observability';
import type { DeliveryOutcome } from '@sluice/queue';
import { expect, test } from 'vitest';
import { attemptReason, createAttemptMetrics } from './attempts.ts';

const lane = { connection: 'acme', bot: { id: 'bot', eventsPerMinute: 600 }, share: 1 };
const retry = (status?: number): DeliveryOutcome => ({
  kind: 'retry',
  after: 1,
  reason: 'no',
  detail: { message: 'no', ...(status === undefined ? {} : { status }) },
});
const held = (reason: string): DeliveryOutcome => ({ kind: 'held', until: 1, reason, lane });

test.each<[string, DeliveryOutcome]>([
  ['mapper_threw', { kind: 'dead', reason: 'mapper_threw', detail: { message: 'a secret' } }],
  ['429', retry(429)],
  ['5xx', retry(503)],
  ['not_sent', retry()],
  ['answer_lost', { kind: 'retry', after: 1, reason: 'ambiguous: timeout' }],
  ['401', held('401 Unauthorized')],
  ['4xx', held('400 InvalidPayload')],
  ['operator', held('lunch, order 42')],
  ['operator', held('400 orders are too many')],
  ['answer_lost', { kind: 'verifying', until: 1 }],
  ['', { kind: 'paced', until: 1 }],
  ['', { kind: 'delivered', eventId: 'evt', reconciled: false }],
])('%s', (reason, outcome) => {
  expect(attemptReason(outcome)).toBe(reason);
});

test('counts a verifying attempt with the label value of earlier releases', async () => {
  const registry = new Registry();
  createAttemptMetrics(registry).record({ outcome: { kind: 'verifying', until: 1 }, attemptsMade: 0 }, 1, 1);
  expect(await registry.metrics()).toContain(
    'sluice_attempts_total{source="unknown",event="none",outcome="settling",reason="answer_lost"} 1',
  );
});
