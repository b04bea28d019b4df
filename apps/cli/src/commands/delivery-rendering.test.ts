import type { DeliveryRecord } from '@sluice/queue';
import { makeDelivery } from '@sluice/testing';
import { expect, test } from 'vitest';
import { renderDelivery } from './deliveries.ts';

const AT = Date.UTC(2026, 10, 25, 3);

const record = (changes: Partial<DeliveryRecord>): DeliveryRecord => ({
  id: 'dlv_1',
  topic: 'orders/create',
  reading: {
    ok: true,
    delivery: makeDelivery({ connection: 'acme', receivedAt: AT, body: '{"email":"jo@example.com"}' }),
  },
  where: { state: 'waiting' },
  attemptsMade: 0,
  attempts: [],
  edits: [],
  ...changes,
});

test('shows the failure, the attempts and the fix of a dead letter', () => {
  const text = renderDelivery(
    record({
      where: {
        state: 'dead',
        at: AT + 1_000,
        death: {
          reason: 'rejected',
          detail: { message: 'no such\nevent', issues: [{ path: 'order_id', message: 'expected number' }] },
        },
      },
      attempts: [
        { at: AT, ms: 12, outcome: 'retry', message: 'busy', status: 503, type: 'Unknown' },
        { at: AT + 900, ms: 7, outcome: 'rejected', message: 'no such event', status: 400, errorId: 'err_1' },
      ],
    }),
    { body: false },
  );
  expect(text).toContain('state       dead since 2026-11-25T03:00:01.000Z');
  expect(text).toContain('failure     rejected: no such event');
  expect(text).toContain('order_id: expected number');
  expect(text).toContain('fix         Botpress rejected the event');
  expect(text).toMatch(/2026-11-25T03:00:00.000Z +12 +retry +503 +Unknown +- +busy/);
  expect(text).toMatch(/rejected +400 +- +err_1 +no such event/);
});

test('shows the body only on request', () => {
  expect(renderDelivery(record({}), { body: false })).not.toContain('jo@example.com');
  expect(renderDelivery(record({}), { body: true })).toContain('jo@example.com');
});

test.each([
  [{ state: 'delayed', until: AT } as const, 'delayed until 2026-11-25T03:00:00.000Z'],
  [
    { state: 'delivered', at: AT, settled: { eventId: 'evt_1', reconciled: true } } as const,
    'delivered as evt_1 (found by reconciliation) at 2026-11-25',
  ],
  [{ state: 'delivered', at: AT, settled: { recorded: true } } as const, 'recorded at'],
  [{ state: 'delivered', at: AT, settled: { removed: 3 } } as const, 'erased (3 removed) at'],
])('shows the state %j', (where, text) => {
  expect(renderDelivery(record({ where }), { body: false })).toContain(text);
});

test('shows an ambiguous attempt, the replay, and why the data is unreadable', () => {
  const text = renderDelivery(
    record({ began: AT, replay: 'rpl_1', reading: { ok: false, why: 'version 9' } }),
    {
      body: true,
    },
  );
  expect(text).toContain('the attempt at 2026-11-25T03:00:00.000Z may have created an event');
  expect(text).toContain('replayed    by rpl_1');
  expect(text).toContain('unreadable  version 9');
});

test('shows the operators and places of edits, and the original body only on request', () => {
  const edited = record({
    edits: [
      {
        who: 'jo',
        reason: 'typo',
        at: AT,
        change: [{ op: 'replace', path: '/email', value: 'no@example.com' }],
      },
      { who: 'al', reason: 'again', at: AT, change: 'body' },
    ],
    original: { ok: true, delivery: makeDelivery({ body: '{"was":1}' }) },
  });
  const text = renderDelivery(edited, { body: false });
  expect(text).toContain('edited      at 2026-11-25T03:00:00.000Z by jo (typo): replace /email');
  expect(text).toContain('by al (again): the whole body');
  expect(text).not.toContain('no@example.com');
  expect(text).not.toContain('{"was":1}');
  expect(renderDelivery(edited, { body: true })).toContain('Before the edit:\n{"was":1}');
});

test('shows who discarded it, and the failure', () => {
  const by = { who: 'jo', reason: 'spam', at: AT };
  const death = { reason: 'rejected', detail: { message: 'no' } } as const;
  const text = renderDelivery(record({ where: { state: 'discarded', at: AT, death, by } }), { body: false });
  expect(text).toContain('state       discarded at 2026-11-25T03:00:00.000Z');
  expect(text).toContain('discarded   by jo (spam); sluice dead-letters restore undoes it for one day');
  expect(text).toContain('failure     rejected: no');
});
