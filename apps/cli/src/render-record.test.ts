import type { DeliveryRecord } from '@sluice/queue';
import { makeDelivery } from '@sluice/testing';
import { expect, test } from 'vitest';
import { renderRecord } from './render-record.ts';

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

test('a dead letter is explained: what it died of, how its attempts went, what to do', () => {
  const text = renderRecord(
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
  expect(text).toContain('died of     rejected: no such event');
  expect(text).toContain('order_id: expected number');
  expect(text).toContain('what to do  Botpress refused this event');
  expect(text).toMatch(/2026-11-25T03:00:00.000Z +12 +retry +503 +Unknown +- +busy/);
  expect(text).toMatch(/rejected +400 +- +err_1 +no such event/);
});

test('the body is printed only where it is asked for', () => {
  expect(renderRecord(record({}), { body: false })).not.toContain('jo@example.com');
  expect(renderRecord(record({}), { body: true })).toContain('jo@example.com');
});

test.each([
  [{ state: 'delayed', until: AT } as const, 'delayed until 2026-11-25T03:00:00.000Z'],
  [
    { state: 'delivered', at: AT, settled: { eventId: 'evt_1', reconciled: true } } as const,
    'delivered as evt_1, found after a lost answer, at 2026-11-25',
  ],
  [{ state: 'delivered', at: AT, settled: { recorded: true } } as const, 'recorded at'],
  [{ state: 'delivered', at: AT, settled: { removed: 3 } } as const, 'done, and 3 erased, at'],
])('says where it is: %j', (where, said) => {
  expect(renderRecord(record({ where }), { body: false })).toContain(said);
});

test('says that an attempt is in question, that it was replayed, and why it cannot be read', () => {
  const text = renderRecord(
    record({ began: AT, replay: 'rpl_1', reading: { ok: false, why: 'version 9' } }),
    {
      body: true,
    },
  );
  expect(text).toContain('an attempt of 2026-11-25T03:00:00.000Z may have created an event');
  expect(text).toContain('replayed    by rpl_1');
  expect(text).toContain('unreadable  version 9');
});

test('says who edited it and where, and shows what it was before only where bodies are asked for', () => {
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
  const text = renderRecord(edited, { body: false });
  expect(text).toContain('edited      at 2026-11-25T03:00:00.000Z by jo (typo): replace /email');
  expect(text).toContain('by al (again): the whole body');
  expect(text).not.toContain('no@example.com');
  expect(text).not.toContain('{"was":1}');
  expect(renderRecord(edited, { body: true })).toContain('before it was edited:\n{"was":1}');
});

test('says who discarded it, and what it died of', () => {
  const by = { who: 'jo', reason: 'spam', at: AT };
  const death = { reason: 'rejected', detail: { message: 'no' } } as const;
  const text = renderRecord(record({ where: { state: 'discarded', at: AT, death, by } }), { body: false });
  expect(text).toContain('state       discarded at 2026-11-25T03:00:00.000Z');
  expect(text).toContain('discarded   by jo (spam); for a day sluice dead-letters restore undoes it');
  expect(text).toContain('died of     rejected: no');
});
