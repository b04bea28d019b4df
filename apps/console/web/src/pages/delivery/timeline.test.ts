import { expect, it } from 'vitest';
import type { Delivery } from '../../api/types.ts';
import { timelineOf } from './timeline.ts';

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
  edits: [{ who: 'olga', reason: 'mended', at: 600_000, change: 'body' }],
};

it('puts all that happened in order, with how long nothing did', () => {
  expect(timelineOf(delivery).map(({ at, title, pause }) => [at, title, pause])).toEqual([
    [1_000, 'received', undefined],
    [2_000, 'tried, to be tried again', 1_000],
    [62_500, 'tried, and died', 60_000],
    [600_000, 'edited', 537_490],
    [700_000, 'delivered', 100_000],
  ]);
});

it('tells what it came to, and what Botpress said', () => {
  const texts = timelineOf(delivery).map(({ text }) => text);
  expect(texts).toContain('no answer (503)');
  expect(texts).toContain('rejected by Botpress: unknown event');
  expect(texts.at(-1)).toBe('event evt_1, found to be there already, after a replay');
});

it('tells until when it waits', () => {
  const { at: _, settled: __, ...rest } = delivery;
  const waiting = timelineOf({ ...rest, state: 'delayed', until: 900_000 });
  expect(waiting.at(-1)).toMatchObject({ at: 900_000, kind: 'waits' });
});
