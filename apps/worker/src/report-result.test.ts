import type { SendResult } from '@sluice/botpress';
import { type Connection, Secret } from '@sluice/config';
import { createSourceRegistry, type SourceDefinition } from '@sluice/events';
import { createLogger } from '@sluice/observability';
import { makeDelivery } from '@sluice/testing';
import { expect, test } from 'vitest';
import { createResultReporter } from './report-result.ts';

const connection: Connection = {
  id: 'acme',
  source: createSourceRegistry().get('shopify') as SourceDefinition,
  secrets: [new Secret('secret')],
  settings: {},
  events: new Map(),
  botpress: { botId: 'bot-a', token: new Secret('token') },
  limits: { eventsPerMinute: 600, share: 1 },
  retry: { for: 86_400_000, reconcile: true },
  onInvalid: 'quarantine',
};

const STARTED = 1_790_000_000_000;

const WINDOW = { id: 'w', rate: 30, burst: 68 };

/** Reports one call and returns the calls to the scheduler. */
async function report(result: SendResult, isTripped = false, isResent = false): Promise<unknown[]> {
  const calls: unknown[] = [];
  const record =
    <T>(name: string, answer: T) =>
    async (...args: unknown[]): Promise<T> => {
      calls.push([name, ...args]);
      return answer;
    };
  const scheduler = {
    clearAttempt: record('clearAttempt', undefined),
    pauseBot: record('pauseBot', undefined),
    recordLimit: record('recordLimit', undefined),
    recordFailure: record('recordFailure', { held: true, now: true }),
    recordSuccess: record('recordSuccess', true),
  };
  const logger = createLogger('worker', { level: 'silent', pretty: 'false' });
  await createResultReporter({ scheduler, logger }).reportSent({
    delivery: makeDelivery({ id: 'dlv_1' }),
    connection,
    result,
    startedAt: STARTED,
    isTripped,
    isResent,
    workspace: WINDOW,
  });
  return calls;
}

const refused = (status: number, more = {}): SendResult => ({
  kind: 'refused',
  refusal: { status, type: 'Type', message: '', ...more },
});
const cleared = ['clearAttempt', 'dlv_1', STARTED, WINDOW];

test('a created event is reported only when the connection has failures to clear', async () => {
  expect(await report({ kind: 'created', eventId: 'evt_1' })).toEqual([]);
  expect(await report({ kind: 'created', eventId: 'evt_1' }, true)).toEqual([['recordSuccess', 'acme']]);
});

test('keeps the attempt record while its event may exist', async () => {
  expect(await report({ kind: 'ambiguous', reason: 'ECONNRESET' }, true)).toEqual([]);
  expect(await report({ kind: 'not_sent', reason: 'ECONNREFUSED' })).toEqual([cleared]);
});

test.each([401, 402, 403, 404])('%i records a failure of the bot', async (status) => {
  const failure = { kind: 'bot', reason: `${status} Type`, limit: 3 };
  expect(await report(refused(status))).toEqual([cleared, ['recordFailure', 'acme', failure]]);
});

test.each([400, 409, 413])('%i records a failure of the event, with a higher limit', async (status) => {
  const failure = { kind: 'event', reason: `${status} Type`, limit: 20 };
  expect(await report(refused(status))).toEqual([cleared, ['recordFailure', 'acme', failure]]);
});

test('an event that is sent again because it was too large records no failure', async () => {
  expect(await report(refused(413), false, true)).toEqual([cleared]);
});

test.each([425, 500, 503])('%i records no failure of the connection', async (status) => {
  expect(await report(refused(status))).toEqual([cleared]);
});

test('429 pauses the bot for Retry-After, else until the reset, else as the scheduler decides', async () => {
  const limited = (refusal: object, rateLimit: object): SendResult =>
    ({ ...refused(429, refusal), rateLimit }) as SendResult;
  expect(await report(limited({ retryAfter: 7_000 }, { reset: 60_000 }))).toEqual([
    cleared,
    ['pauseBot', 'bot-a', 7_000],
  ]);
  expect(await report(limited({}, { reset: 60_000 }))).toEqual([cleared, ['pauseBot', 'bot-a', 60_000]]);
  expect(await report(refused(429))).toEqual([cleared, ['pauseBot', 'bot-a', undefined]]);
});

test('reports the rate limit of Botpress when it is scarce and its window is known', async () => {
  const reported = (limit: object) => report({ kind: 'created', eventId: 'evt_1', rateLimit: limit });
  expect(await reported({ limit: 600, remaining: 300, reset: 60_000 })).toEqual([]);
  expect(await reported({ remaining: 0, reset: 60_000 })).toEqual([]);
  expect(await reported({ limit: 600, remaining: 59 })).toEqual([
    ['recordLimit', 'bot-a', { limit: 600, remaining: 59 }],
  ]);
  expect(await reported({ limit: 60, remaining: 50 })).toEqual([
    ['recordLimit', 'bot-a', { limit: 60, remaining: 50 }],
  ]);
});
