import type { ApiFacts, LookupResult, SendResult } from '@sluice/botpress';
import { type Connection, Secret } from '@sluice/config';
import { createSourceRegistry, type EventLink, type SourceDefinition } from '@sluice/events';
import type { Permit } from '@sluice/queue';
import type { PermitRequest } from '@sluice/queue/testing';
import { makeDelivery } from '@sluice/testing';
import { describe, expect, test } from 'vitest';
import { CreatedEvents } from './created-events.ts';
import { createDeliverEvent, type DeliverDependencies } from './deliver-event.ts';
import { SlowStart } from './slow-start.ts';

const NOW = 1_790_000_000_000;
const QUEUE = { connection: 'acme-orders', bot: { id: 'bot-a', eventsPerMinute: 600 }, share: 2 };
const GRANTED: Permit = { kind: 'granted', startedAt: NOW, isTripped: false };
const inDoubt = (age: number): Permit => ({ kind: 'in_doubt', startedAt: NOW - age, age });
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

interface Scenario {
  /** Replies of the scheduler, in order. */
  readonly permits: readonly Permit[];
  readonly result?: SendResult;
  /** Results of the calls, in order, before `result`. */
  readonly results?: readonly SendResult[];
  readonly found?: LookupResult;
  readonly reconcile?: boolean;
  readonly facts?: ApiFacts;
  readonly fullBody?: string;
  readonly link?: EventLink;
  /** Ages of earlier events in milliseconds. Event `evt_5000` is five seconds old. */
  readonly earlier?: readonly number[];
}

/** Delivers once in the scenario and returns the outcome with the calls made, in order. */
async function deliver({
  permits,
  result = CREATED,
  results = [],
  found = { kind: 'absent' },
  reconcile = true,
  facts,
  fullBody,
  link,
  earlier = [],
}: Scenario) {
  const createdEvents = new CreatedEvents(70_000);
  const target = { apiUrl: 'http://api', botId: 'bot-a', integrationId: 'int', token: 'token' };
  for (const age of earlier)
    createdEvents.record(target, 'newOrderCreated', { id: `evt_${age}`, at: NOW - age });
  const calls: string[] = [];
  const payloads: object[] = [];
  const requests: PermitRequest[] = [];
  const dependencies: DeliverDependencies = {
    scheduler: {
      acquire: async (request) => {
        calls.push('acquire');
        requests.push(request);
        return permits[requests.length - 1] ?? { kind: 'lost' };
      },
    },
    slowStart: new SlowStart(() => NOW),
    reportResult: {
      reportSent: async ({ isTripped, isResent }) =>
        void calls.push(`report${isTripped ? ', isTripped' : ''}${isResent ? ', isResent' : ''}`),
      reportLookup: async () => void calls.push('report lookup'),
    },
    sender: {
      sendEvent: async (target, { type, payload }, { deadline, ids } = {}) => {
        payloads.push(payload);
        const by = `by ${(deadline ?? 0) - NOW}${ids ? ' with ids' : ''}`;
        calls.push(`send ${type} to ${target.apiUrl} ${target.botId} ${by}`);
        return results[payloads.length - 1] ?? result;
      },
    },
    lookup: {
      findExistingEvent: async (_target, { type, deliveryId, startedAt, facts: known, mustBeListed }) => {
        const conditions = `${known ? ' as probed' : ''}${mustBeListed ? `, with ${mustBeListed}` : ''}`;
        calls.push(`find ${type} ${deliveryId} since ${startedAt - NOW}${conditions}`);
        return found;
      },
    },
    readFacts: async () => facts,
    recordLookup: (kind) => void calls.push(`count ${kind}`),
    windowOf: () => undefined,
    linker: {
      resolve: async () => {
        calls.push('link');
        return { ids: { conversationId: 'conv_1' } };
      },
      forget: () => void calls.push('forget'),
      reject: () => void calls.push('reject'),
    },
    recordLink: () => void calls.push('linked'),
    apiUrl: 'http://api',
    verifyAfterMs: 70_000,
    createdEvents,
    sendWithinMs: 16_000,
    now: () => NOW,
    random: () => 0.5,
  };
  const { outcome, permit } = await createDeliverEvent(dependencies)(
    {
      delivery: makeDelivery({ id: 'dlv_1' }),
      connection: connection(reconcile),
      event: { type: 'newOrderCreated', payload: { order_id: 7, fullBody: { id: 7 } } },
      ...(fullBody === undefined ? {} : { fullBody }),
      ...(link ? { link } : {}),
    },
    { lock: 'lock', attemptsMade: 0, reading: { ok: false, why: '' } },
  );
  return { outcome, permit, calls, requests, payloads };
}

const SENT = 'send newOrderCreated to http://api bot-a by 16000';

test('sends a delivery with a permit within the time that its lock is held', async () => {
  const { outcome, calls, requests } = await deliver({ permits: [GRANTED] });
  expect(outcome).toEqual({ kind: 'delivered', eventId: 'evt_1', reconciled: false });
  expect(calls).toEqual(['acquire', SENT, 'report']);
  expect(requests).toEqual([{ ...QUEUE, deliveryId: 'dlv_1', lock: 'lock' }]);
});

describe('an event that Botpress refuses as too large', () => {
  const refused = (status: number): SendResult => ({
    kind: 'refused',
    refusal: { status, type: 'PayloadTooLarge', message: 'too large' },
  });
  const whole = { order_id: 7, fullBody: { id: 7 } };
  const smaller = { order_id: 7, fullBodyLeftOut: true };
  const permits = [GRANTED, GRANTED];

  test('is sent once more with a new permit, without its full body', async () => {
    const { outcome, calls, payloads } = await deliver({
      permits,
      results: [refused(413)],
      fullBody: 'fullBody',
    });
    expect(outcome).toEqual({ kind: 'delivered', eventId: 'evt_1', reconciled: false });
    expect(calls).toEqual(['acquire', SENT, 'report, isResent', 'acquire', SENT, 'report']);
    expect(payloads).toEqual([whole, smaller]);
  });

  test('is dead if it is refused again, or if it has no full body', async () => {
    const again = await deliver({ permits, result: refused(413), fullBody: 'fullBody' });
    expect([again.outcome, again.payloads]).toMatchObject([
      { kind: 'dead', reason: 'too_large' },
      [whole, smaller],
    ]);
    expect(again.calls.filter((call) => call.startsWith('report'))).toEqual(['report, isResent', 'report']);
    const bare = await deliver({ permits, result: refused(413) });
    expect([bare.outcome, bare.payloads]).toMatchObject([{ kind: 'dead', reason: 'too_large' }, [whole]]);
  });

  test('is retried, and then looked up, if the second answer is lost', async () => {
    const lost: SendResult = { kind: 'ambiguous', reason: 'timeout' };
    const { outcome } = await deliver({
      permits,
      results: [refused(413)],
      result: lost,
      fullBody: 'fullBody',
    });
    expect(outcome).toMatchObject({ kind: 'retry', cause: 'answer_lost' });
  });

  test.each([400, 409, 500])('is not assumed for a %i', async (status) => {
    const { payloads } = await deliver({ permits, result: refused(status), fullBody: 'fullBody' });
    expect(payloads).toEqual([whole]);
  });
});

test('finds the conversation of an event only after it got a permit', async () => {
  const link = { channel: 'channel', conversation: { by: { id: '1' } } };
  const sent = await deliver({ permits: [GRANTED], link });
  expect(sent.outcome).toMatchObject({ kind: 'delivered' });
  expect(sent.calls).toEqual(['acquire', 'link', `${SENT} with ids`, 'linked', 'report']);
  const paced = await deliver({ permits: [{ kind: 'paced', until: NOW + 1 }], link });
  expect(paced.calls).toEqual(['acquire']);
  const found = await deliver({ permits: [inDoubt(1)], found: { kind: 'found', eventId: 'evt_1' }, link });
  expect(found.calls).not.toContain('link');
});

test('reports a success to the scheduler when the connection has failures', async () => {
  const { calls } = await deliver({ permits: [{ ...GRANTED, isTripped: true }] });
  expect(calls).toContain('report, isTripped');
});

test.each([
  [{ kind: 'lost' }, { kind: 'lost' }],
  [
    { kind: 'paced', until: NOW + 1 },
    { kind: 'paced', until: NOW + 1, lane: QUEUE },
  ],
  [
    { kind: 'later', until: NOW + 1 },
    { kind: 'paced', until: NOW + 1 },
  ],
  [
    { kind: 'held', until: NOW + 1, cause: 'refusals', reason: '401' },
    { kind: 'held', until: NOW + 1, cause: 'refusals', reason: '401', lane: QUEUE },
  ],
] as const)('sends nothing without a permit (%j)', async (permit, outcome) => {
  const { calls, ...rest } = await deliver({ permits: [permit] });
  expect(rest.outcome).toEqual(outcome);
  expect(calls).toEqual(['acquire']);
});

test('an attempt without an answer is retried, starting with a lookup', async () => {
  const { outcome } = await deliver({
    permits: [GRANTED],
    result: { kind: 'ambiguous', reason: 'ECONNRESET' },
  });
  expect(outcome).toEqual({
    kind: 'retry',
    after: 1_000,
    cause: 'answer_lost',
    reason: 'ambiguous: ECONNRESET',
  });
});

test.each<[string, Permit[], Permit | undefined]>([
  ['a granted permit', [GRANTED], GRANTED],
  ['that of the second request', [inDoubt(70_000), GRANTED], GRANTED],
  ['that of an attempt in doubt', [inDoubt(1_000)], inDoubt(1_000)],
  ['no permit if it was denied', [{ kind: 'paced', until: NOW + 1 }], undefined],
])('returns %s with the outcome', async (_, permits, permit) => {
  expect((await deliver({ permits })).permit).toEqual(permit);
});

describe('after an attempt in doubt', () => {
  test('does not create an event that exists', async () => {
    const { outcome, calls } = await deliver({
      permits: [inDoubt(1_000)],
      found: { kind: 'found', eventId: 'evt_0' },
    });
    expect(outcome).toEqual({ kind: 'delivered', eventId: 'evt_0', reconciled: true });
    const looked = ['find newOrderCreated dlv_1 since -1000', 'count found', 'report lookup'];
    expect(calls).toEqual(['acquire', ...looked]);
  });

  test('waits until the event must be listed', async () => {
    const { outcome } = await deliver({ permits: [inDoubt(20_000)] });
    expect(outcome).toEqual({ kind: 'verifying', until: NOW + 50_000 });
  });

  test('waits longer by the delay of lists that a probe showed, and looks up by its facts', async () => {
    const facts: ApiFacts = {
      ...{ probedAt: NOW, client: '1.45.0', botId: 'bot-a', isFoundByType: true },
      ...{ isFoundInAll: true, listedAfter: 9_000, pageLength: 100, headers: {}, readsCount: null },
      typeForm: 'bare',
      pageSize: 'honored',
    };
    const { outcome, calls } = await deliver({ permits: [inDoubt(70_000)], facts });
    expect(outcome).toEqual({ kind: 'verifying', until: NOW + 9_000 });
    expect(calls).toContain('find newOrderCreated dlv_1 since -70000 as probed');
  });

  test('sends again when the event is absent after that, and the permit clears the old attempt record', async () => {
    const { outcome, calls, requests } = await deliver({ permits: [inDoubt(70_000), GRANTED] });
    expect(outcome).toMatchObject({ kind: 'delivered', reconciled: false });
    expect(calls.slice(-3)).toEqual(['acquire', SENT, 'report']);
    expect(requests[1]).toMatchObject({ absentSince: NOW - 70_000 });
  });

  test('sends nothing while the lookup fails', async () => {
    const { outcome, calls } = await deliver({
      permits: [inDoubt(90_000), GRANTED],
      found: { kind: 'unknown', reason: 'answered 500' },
    });
    expect(outcome).toMatchObject({ kind: 'retry', reason: 'ambiguous: lookup failed: answered 500' });
    expect(calls).not.toContain(SENT);
  });

  test('sends nothing if another attempt started meanwhile', async () => {
    const { outcome, calls } = await deliver({ permits: [inDoubt(70_000), inDoubt(1)] });
    expect(outcome).toEqual({ kind: 'verifying', until: NOW + 70_000 });
    expect(calls).not.toContain(SENT);
  });

  test('sends at once for a connection without reconciliation', async () => {
    const { calls } = await deliver({ permits: [inDoubt(5), GRANTED], reconcile: false });
    expect(calls).toEqual(['acquire', 'acquire', SENT, 'report']);
  });
});

test.each([
  ['the newest event that must be listed by then', 70_000, [95_000, 80_000, 20_000], ', with evt_80000'],
  ['no event that may not be listed yet', 70_000, [60_000, 20_000], ''],
  ['no event from before the part of the list that is read', 70_000, [120_000], ''],
  [
    'the first event from when that of the attempt existed',
    200_000,
    [220_000, 120_000, 90_000],
    ', with evt_120000',
  ],
  ['no event before the event of the attempt must be listed', 69_000, [80_000], ''],
])('a lookup requires of the list %s', async (_what, age, earlier, required) => {
  const { calls } = await deliver({ permits: [inDoubt(age), GRANTED], earlier });
  expect(calls).toContain(`find newOrderCreated dlv_1 since -${age}${required}`);
});

test('remembers one event per eighth of the settle time, by target and type', async () => {
  const created = new CreatedEvents(70_000);
  const target = { apiUrl: 'http://api', botId: 'bot-a', token: 'token' };
  for (let at = 0; at <= 1_000_000; at += 1_000) created.record(target, 'made', { id: `evt_${at}`, at });
  // One event is remembered per 8.75 s.
  expect(created.between(target, 'made', 930_000, 950_000).map(({ id }) => id)).toEqual([
    'evt_936000',
    'evt_945000',
  ]);
  expect(created.between({ ...target, integrationId: 'int' }, 'made', 0, 1_000_000)).toEqual([]);
  expect(created.between(target, 'lost', 0, 1_000_000)).toEqual([]);
});
