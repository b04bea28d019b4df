import { Registry } from '@sluice/observability';
import type { DeliveryOutcome } from '@sluice/queue';
import { expect, test } from 'vitest';
import { attemptReason, createAttemptMetrics } from './attempts.ts';

const lane = { connection: 'acme', bot: { id: 'bot', eventsPerMinute: 600 }, share: 1 };
const retry = (status?: number): DeliveryOutcome => ({
  kind: 'retry',
  after: 1,
  cause: status === undefined ? 'not_sent' : 'refused',
  reason: 'no',
  detail: { message: 'no', ...(status === undefined ? {} : { status }) },
});
const refused = (status: number, type: string): DeliveryOutcome => ({
  ...{ kind: 'held', until: 1, cause: 'refusals', reason: `${status} ${type}`, status, lane },
});
const paused = (reason: string): DeliveryOutcome => ({
  ...{ kind: 'held', until: 1, cause: 'operator', reason, lane },
});

test.each<[string, DeliveryOutcome]>([
  ['mapper_threw', { kind: 'dead', reason: 'mapper_threw', detail: { message: 'a secret' } }],
  ['429', retry(429)],
  ['5xx', retry(503)],
  ['not_sent', retry()],
  ['answer_lost', { kind: 'retry', after: 1, cause: 'answer_lost', reason: 'ambiguous: timeout' }],
  ['401', refused(401, 'Unauthorized')],
  ['4xx', refused(400, 'InvalidPayload')],
  ['operator', paused('lunch, order 42')],
  ['operator', paused('400 orders are too many')],
  ['operator', paused('404 Gone')],
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
