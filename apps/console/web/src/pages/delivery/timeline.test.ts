import { expect, it } from 'vitest';
import type { Delivery } from '../../api/types.ts';
import { buildTimeline } from './timeline.ts';

const delivery: Delivery = {
  ...{
    id: 'dlv_1',
    topic: 'orders/create',
    connection: 'acme',
    receivedAt: 1_000,
    state: 'delivered',
    at: 700_000,
  },
  settled: { eventId: 'evt_1', reconciled: true },
  replay: 'rpl_1',
  attemptsMade: 1,
  attempts: [
    { at: 2_000, ms: 500, outcome: 'retry', message: 'no answer', status: 503 },
    { at: 62_500, ms: 10, outcome: 'rejected', message: 'unknown event' },
  ],
  edits: [{ who: 'olga', reason: 'fixed', at: 600_000, change: 'body' }],
};

it('sorts the history and adds the pauses between entries', () => {
  expect(buildTimeline(delivery).map(({ at, title, pause }) => [at, title, pause])).toEqual([
    [1_000, 'received', undefined],
    [2_000, 'attempt, will retry', 1_000],
    [62_500, 'attempt failed', 60_000],
    [600_000, 'edited', 537_490],
    [700_000, 'delivered', 100_000],
  ]);
});

it('contains the outcome and the responses of Botpress', () => {
  const texts = buildTimeline(delivery).map(({ text }) => text);
  expect(texts).toContain('no answer (503)');
  expect(texts).toContain('rejected by Botpress: unknown event');
  expect(texts.at(-1)).toBe('event evt_1, existing event found by reconciliation, after a replay');
});

it('contains the time of the next attempt', () => {
  const { at: _, settled: __, ...rest } = delivery;
  const waiting = buildTimeline({ ...rest, state: 'delayed', until: 900_000 });
  expect(waiting.at(-1)).toMatchObject({ at: 900_000, kind: 'scheduled' });
});
