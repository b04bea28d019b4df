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

/** Tells of one call, and returns what the gate heard. */
async function tell(result: SendResult, isTripped = false): Promise<unknown[]> {
  const heard: unknown[] = [];
  const hear =
    <T>(name: string, answer: T) =>
    async (...args: unknown[]): Promise<T> => {
      heard.push([name, ...args]);
      return answer;
    };
  const gate = {
    clearAttempt: hear('clearAttempt', undefined),
    pauseBot: hear('pauseBot', undefined),
    recordLimit: hear('recordLimit', undefined),
    recordFailure: hear('recordFailure', { held: true, now: true }),
    recordSuccess: hear('recordSuccess', true),
  };
  const logger = createLogger('worker', { level: 'silent', pretty: 'false' });
  await createResultReporter({ gate, logger }).reportSent({
    delivery: makeDelivery({ id: 'dlv_1' }),
    connection,
    result,
    startedAt: STARTED,
    isTripped,
  });
  return heard;
}

const refused = (status: number, more = {}): SendResult => ({
  kind: 'refused',
  refusal: { status, type: 'Type', message: '', ...more },
});
const cleared = ['clearAttempt', 'dlv_1', STARTED];

test('an event that was created costs nothing to tell, but where refusals are to be forgotten', async () => {
  expect(await tell({ kind: 'created', eventId: 'evt_1' })).toEqual([]);
  expect(await tell({ kind: 'created', eventId: 'evt_1' }, true)).toEqual([['recordSuccess', 'acme']]);
});

test('the record of an attempt stays as long as its event may be there', async () => {
  expect(await tell({ kind: 'ambiguous', why: 'ECONNRESET' }, true)).toEqual([]);
  expect(await tell({ kind: 'not_sent', why: 'ECONNREFUSED' })).toEqual([cleared]);
});

test.each([401, 402, 403, 404])('%i strikes the bot', async (status) => {
  const strike = { kind: 'bot', reason: `${status} Type`, limit: 3 };
  expect(await tell(refused(status))).toEqual([cleared, ['recordFailure', 'acme', strike]]);
});

test.each([400, 409, 413])('%i strikes only after many in a row', async (status) => {
  const strike = { kind: 'event', reason: `${status} Type`, limit: 20 };
  expect(await tell(refused(status))).toEqual([cleared, ['recordFailure', 'acme', strike]]);
});

test.each([425, 500, 503])('%i says nothing of the connection', async (status) => {
  expect(await tell(refused(status))).toEqual([cleared]);
});

test('429 pauses the bot for as long as it asks, or for a second', async () => {
  expect(await tell(refused(429, { retryAfter: 7_000 }))).toEqual([cleared, ['pauseBot', 'bot-a', 7_000]]);
  expect(await tell(refused(429))).toEqual([cleared, ['pauseBot', 'bot-a', 1_000]]);
});

test('what Botpress tells of the limit is passed on when it is news', async () => {
  const told = (what: object) => tell({ kind: 'created', eventId: 'evt_1', told: what });
  expect(await told({ limit: 600, remaining: 300, reset: 60_000 })).toEqual([]);
  expect(await told({ limit: 600, remaining: 59 })).toEqual([
    ['recordLimit', 'bot-a', { limit: 600, remaining: 59 }],
  ]);
  expect(await told({ limit: 60, remaining: 50 })).toEqual([
    ['recordLimit', 'bot-a', { limit: 60, remaining: 50 }],
  ]);
});
