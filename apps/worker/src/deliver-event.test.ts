import type { FindResult, SendResult } from '@sluice/botpress';
import { type Connection, Secret } from '@sluice/config';
import { createSourceRegistry, type SourceDefinition } from '@sluice/events';
import type { Permit, PermitRequest } from '@sluice/queue';
import { makeDelivery } from '@sluice/testing';
import { describe, expect, test } from 'vitest';
import { createDeliverEvent, type DeliverDependencies } from './deliver-event.ts';
import { SlowStart } from './slow-start.ts';

const NOW = 1_790_000_000_000;
const LANE = { connection: 'acme-orders', bot: { id: 'bot-a', eventsPerMinute: 600 }, share: 2 };
const GO: Permit = { kind: 'granted', startedAt: NOW, isTripped: false };
const CREATED: SendResult = { kind: 'created', eventId: 'evt_1' };

const connection = (reconcile: boolean): Connection => ({
  id: 'acme-orders',
  source: createSourceRegistry().get('shopify') as SourceDefinition,
  secrets: [new Secret('secret')],
  settings: {},
  events: new Map(),
  botpress: { botId: 'bot-a', integrationId: 'int', token: new Secret('token') },
  limits: { eventsPerMinute: 600, share: 2 },
  retry: { for: 86_400_000, reconcile },
  onInvalid: 'quarantine',
});

interface World {
  /** What the gate says, one after the other. */
  readonly turns: readonly Permit[];
  readonly result?: SendResult;
  readonly found?: FindResult;
  readonly reconcile?: boolean;
}

/** Delivers once in such a world, and tells in which order what was asked of whom. */
async function deliver({ turns, result = CREATED, found = { kind: 'absent' }, reconcile = true }: World) {
  const asked: string[] = [];
  const requests: PermitRequest[] = [];
  const delivering: DeliverDependencies = {
    scheduler: {
      acquire: async (request) => {
        asked.push('begin');
        requests.push(request);
        return turns[requests.length - 1] ?? { kind: 'lost' };
      },
    },
    slowStart: new SlowStart(() => NOW),
    reportResult: {
      reportSent: async ({ isTripped }) => void asked.push(`told${isTripped ? ', isTripped' : ''}`),
      reportLookup: async () => void asked.push('told of look'),
    },
    sender: {
      sendEvent: async (target, { type }, { deadline } = {}) => {
        asked.push(`send ${type} to ${target.apiUrl} ${target.botId} by ${(deadline ?? 0) - NOW}`);
        return result;
      },
    },
    finder: {
      findEvent: async (_target, { type, deliveryId, startedAt }) => {
        asked.push(`find ${type} ${deliveryId} since ${startedAt - NOW}`);
        return found;
      },
    },
    recordLookup: (kind) => void asked.push(`count ${kind}`),
    apiUrl: 'http://api',
    verifyAfterMs: 70_000,
    sendWithinMs: 16_000,
    now: () => NOW,
    random: () => 0.5,
  };
  const outcome = await createDeliverEvent(delivering)(
    {
      delivery: makeDelivery({ id: 'dlv_1' }),
      connection: connection(reconcile),
      event: { type: 'newOrderCreated', payload: {} },
    },
    { lock: 'lock', attemptsMade: 0, reading: { ok: false, why: '' } },
  );
  return { outcome, asked, requests };
}

const SENT = 'send newOrderCreated to http://api bot-a by 16000';

test('whose turn it is is sent, while the lock is surely ours', async () => {
  const { outcome, asked, requests } = await deliver({ turns: [GO] });
  expect(outcome).toEqual({ kind: 'delivered', eventId: 'evt_1', reconciled: false });
  expect(asked).toEqual(['begin', SENT, 'told']);
  expect(requests).toEqual([{ ...LANE, deliveryId: 'dlv_1', lock: 'lock' }]);
});

test('the gate hears of success where it wants to', async () => {
  const { asked } = await deliver({ turns: [{ ...GO, isTripped: true }] });
  expect(asked).toContain('told, isTripped');
});

test.each([
  [{ kind: 'lost' }, { kind: 'lost' }],
  [
    { kind: 'paced', until: NOW + 1 },
    { kind: 'paced', until: NOW + 1, lane: LANE },
  ],
  [
    { kind: 'later', until: NOW + 1 },
    { kind: 'paced', until: NOW + 1 },
  ],
  [
    { kind: 'held', until: NOW + 1, reason: '401' },
    { kind: 'held', until: NOW + 1, reason: '401', lane: LANE },
  ],
] as const)('whose turn it is not (%j) is not sent', async (turn, outcome) => {
  const { asked, ...rest } = await deliver({ turns: [turn] });
  expect(rest.outcome).toEqual(outcome);
  expect(asked).toEqual(['begin']);
});

test('an attempt without an answer is retried, to be looked up first', async () => {
  const { outcome } = await deliver({ turns: [GO], result: { kind: 'ambiguous', why: 'ECONNRESET' } });
  expect(outcome).toEqual({ kind: 'retry', after: 1_000, reason: 'ambiguous: ECONNRESET' });
});

describe('after an attempt whose end is not known', () => {
  const unsettled = (age: number): Permit => ({ kind: 'in_doubt', startedAt: NOW - age, age });

  test('the event that is there is not made again', async () => {
    const { outcome, asked } = await deliver({
      turns: [unsettled(1_000)],
      found: { kind: 'found', eventId: 'evt_0' },
    });
    expect(outcome).toEqual({ kind: 'delivered', eventId: 'evt_0', reconciled: true });
    const looked = ['find newOrderCreated dlv_1 since -1000', 'count found', 'told of look'];
    expect(asked).toEqual(['begin', ...looked]);
  });

  test('it is waited for until it must show', async () => {
    const { outcome } = await deliver({ turns: [unsettled(20_000)] });
    expect(outcome).toEqual({ kind: 'verifying', until: NOW + 50_000 });
  });

  test('it is sent again when it is not there then, by a turn that puts the old record away', async () => {
    const { outcome, asked, requests } = await deliver({ turns: [unsettled(70_000), GO] });
    expect(outcome).toMatchObject({ kind: 'delivered', reconciled: false });
    expect(asked.slice(-3)).toEqual(['begin', SENT, 'told']);
    expect(requests[1]).toMatchObject({ absentSince: NOW - 70_000 });
  });

  test('nothing is sent while Botpress cannot be asked', async () => {
    const { outcome, asked } = await deliver({
      turns: [unsettled(90_000), GO],
      found: { kind: 'unknown', why: 'answered 500' },
    });
    expect(outcome).toMatchObject({ kind: 'retry', reason: 'ambiguous: could not look: answered 500' });
    expect(asked).not.toContain(SENT);
  });

  test('nothing is sent if meanwhile another attempt has begun', async () => {
    const { outcome, asked } = await deliver({ turns: [unsettled(70_000), unsettled(1)] });
    expect(outcome).toEqual({ kind: 'verifying', until: NOW + 70_000 });
    expect(asked).not.toContain(SENT);
  });

  test('a connection that prefers speed sends at once', async () => {
    const { asked } = await deliver({ turns: [unsettled(5), GO], reconcile: false });
    expect(asked).toEqual(['begin', 'begin', SENT, 'told']);
  });
});
