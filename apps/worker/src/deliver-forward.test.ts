import type { ForwardReceiver, ForwardResult } from '@sluice/botpress';
import { type Connection, createConnections, Secret } from '@sluice/config';
import { createSourceRegistry, type ForwardedRequest, type SourceDefinition } from '@sluice/events';
import { createLogger } from '@sluice/observability';
import type { Permit } from '@sluice/queue';
import type { PermitRequest } from '@sluice/queue/testing';
import { makeDelivery } from '@sluice/testing';
import { expect, test } from 'vitest';
import { createDeliverForward } from './deliver-forward.ts';
import { SlowStart } from './slow-start.ts';

const NOW = 1_790_000_000_000;
const GRANTED: Permit = { kind: 'granted', startedAt: NOW, isTripped: false };
const IN_DOUBT: Permit = { kind: 'in_doubt', startedAt: NOW - 5, age: 5 };
const LANE = {
  connection: 'acme:forward',
  bot: { id: 'acme:forward', eventsPerMinute: 60 },
  share: 1,
};

const connections = createConnections([
  {
    id: 'acme',
    source: createSourceRegistry().get('shopify') as SourceDefinition,
    secrets: [new Secret('of-the-platform')],
    settings: {},
    events: new Map(),
    botpress: { botId: 'bot-a', token: new Secret('token') },
    limits: { eventsPerMinute: 600, share: 2 },
    retry: { for: 60_000, reconcile: true },
    onInvalid: 'quarantine',
    forward: {
      ...{ url: new Secret('https://example.com/hook'), secret: new Secret('of-the-receiver') },
      ...{ allowPrivate: false, perMinute: 60 },
    },
  },
]);

interface Scenario {
  /** Replies of the scheduler, in order. */
  readonly permits?: readonly Permit[];
  readonly result?: ForwardResult;
  readonly attemptsMade?: number;
  readonly topic?: string;
}

/** Forwards once in the scenario and returns the outcome with the calls made. */
async function forward({
  permits = [GRANTED],
  result = { kind: 'forwarded', status: 204 },
  attemptsMade = 0,
  topic = 'orders/create',
}: Scenario = {}) {
  const calls: unknown[] = [];
  const requests: PermitRequest[] = [];
  const sent: { readonly receiver: ForwardReceiver; readonly request: ForwardedRequest }[] = [];
  const deliver = createDeliverForward({
    scheduler: {
      acquire: async (request) => {
        requests.push(request);
        return permits[requests.length - 1] ?? { kind: 'lost' };
      },
      clearAttempt: async (...args) => void calls.push(['clearAttempt', ...args]),
      pauseBot: async (...args) => void calls.push(['pauseBot', ...args]),
      recordSuccess: async (id) => {
        calls.push(['recordSuccess', id]);
        return true;
      },
      recordFailure: async (id, { kind, reason, limit }) => {
        calls.push(['recordFailure', id, kind, reason, limit]);
        return { held: false, now: false };
      },
    },
    slowStart: new SlowStart(() => NOW),
    forwarder: {
      forward: async (receiver, request) => {
        sent.push({ receiver, request });
        return result;
      },
    },
    logger: createLogger('worker', { level: 'silent', pretty: 'false' }),
    sendWithinMs: 1_000,
    now: () => NOW,
    random: () => 0.5,
  });
  const delivery = makeDelivery({
    ...{ id: 'dlv_1', connection: 'acme:forward', topic, body: '{"é":1}' },
    headers: { 'x-signature': 'abc', 'x-token': '\u2039secret\u203a' },
  });
  const ready = { delivery, connection: connections.get('acme:forward') as Connection };
  const job = { lock: 'lock', attemptsMade, reading: { ok: true, delivery } } as const;
  const { outcome } = await deliver(ready, job);
  return { outcome, calls, requests, sent };
}

const refused = (status: number, retryAfter?: number): ForwardResult => ({
  kind: 'refused',
  refusal: {
    status,
    type: 'Receiver',
    message: `The receiver returned ${status}.`,
    ...(retryAfter && { retryAfter }),
  },
});

test('posts the bytes and headers with the receiver’s secret, within the limit of the forwards', async () => {
  const { outcome, calls, requests, sent } = await forward();
  expect(outcome).toEqual({ kind: 'forwarded', status: 204 });
  expect(requests).toEqual([{ ...LANE, deliveryId: 'dlv_1', lock: 'lock' }]);
  expect(sent).toEqual([
    {
      receiver: { url: 'https://example.com/hook', allowPrivate: false },
      request: {
        body: Buffer.from('{"é":1}'),
        headers: { 'x-signature': 'abc', 'x-token': 'of-the-receiver', 'sluice-delivery': 'dlv_1' },
      },
    },
  ]);
  expect(calls).toEqual([]);
});

test('repeats an attempt with a lost answer without a lookup', async () => {
  const { outcome, requests } = await forward({ permits: [IN_DOUBT, GRANTED] });
  expect(outcome).toMatchObject({ kind: 'forwarded' });
  expect(requests).toMatchObject([{}, { absentSince: NOW - 5 }]);
});

test('waits if another worker has started an attempt in between', async () => {
  const { outcome, sent } = await forward({ permits: [IN_DOUBT, IN_DOUBT] });
  expect(outcome).toEqual({ kind: 'paced', until: NOW + 1_000 });
  expect(sent).toEqual([]);
});

test.each<[ForwardResult, unknown]>([
  [
    { kind: 'ambiguous', reason: 'ECONNRESET' },
    { cause: 'answer_lost', reason: 'ambiguous: ECONNRESET', after: 1_000 },
  ],
  [
    { kind: 'not_sent', reason: 'ECONNREFUSED' },
    { cause: 'not_sent', reason: 'not sent: ECONNREFUSED', after: 1_000 },
  ],
  [refused(500), { cause: 'refused', reason: '500 from the receiver', after: 1_000 }],
  [refused(502), { cause: 'refused' }],
  [refused(408), { cause: 'refused' }],
  [refused(429, 7_000), { cause: 'refused', after: 7_700 }],
])('retries %j', async (result, expected) => {
  expect((await forward({ result })).outcome).toMatchObject({ kind: 'retry', ...(expected as object) });
});

test.each([301, 400, 401, 403, 404, 410, 413])('a %i of the receiver is dead at once', async (status) => {
  const { outcome, calls } = await forward({ result: refused(status) });
  expect(outcome).toEqual({
    ...{ kind: 'dead', reason: 'forward_rejected' },
    detail: { message: `The receiver returned ${status}.`, status },
  });
  expect(calls).toEqual([
    ['clearAttempt', 'dlv_1', NOW],
    ['recordFailure', 'acme:forward', 'event', `${status} from the receiver`, 20],
  ]);
});

test('is dead when the retries of its connection are exhausted', async () => {
  const { outcome } = await forward({ result: refused(503), attemptsMade: 3 });
  expect(outcome).toMatchObject({ kind: 'dead', reason: 'retries_exhausted' });
});

test('a 429 pauses the forwards, not the bot', async () => {
  const { calls } = await forward({ result: refused(429, 7_000) });
  expect(calls).toContainEqual(['pauseBot', 'acme:forward', 7_000]);
});

test('a success ends the failures of the forwards', async () => {
  const { calls } = await forward({ permits: [{ ...GRANTED, isTripped: true }] });
  expect(calls).toEqual([['recordSuccess', 'acme:forward']]);
});

test.each<[Permit, unknown]>([
  [{ kind: 'lost' }, { kind: 'lost' }],
  [
    { kind: 'paced', until: 9 },
    { kind: 'paced', until: 9, lane: LANE },
  ],
  [
    { kind: 'held', until: 9, cause: 'operator', reason: 'why' },
    { kind: 'held', lane: LANE },
  ],
])('does not post without a permit: %j', async (permit, expected) => {
  const { outcome, sent } = await forward({ permits: [permit] });
  expect(outcome).toMatchObject(expected as object);
  expect(sent).toEqual([]);
});

test('keeps nothing of a forwarded erasure request, whose body names a person', async () => {
  expect((await forward({ topic: 'customers/redact' })).outcome).toMatchObject({ remove: true });
  expect((await forward({ topic: 'customers/data_request' })).outcome).not.toHaveProperty('remove');
});
