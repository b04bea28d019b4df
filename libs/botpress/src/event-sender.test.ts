import { inspect } from 'node:util';
import { freePort, type RunningSandbox, startSandbox } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { BotTarget } from './bot-client.ts';
import { EventSender } from './event-sender.ts';

const TOKEN = 'canary-token-3f9a';
const TIMEOUT = 1_000;

let sandbox: RunningSandbox;
let target: BotTarget;
const sender = new EventSender({ timeout: TIMEOUT, now: Date.now });

beforeAll(async () => {
  sandbox = await startSandbox();
  target = { apiUrl: sandbox.url, botId: 'bot', integrationId: 'shop', token: TOKEN };
});

afterEach(async () => {
  await sandbox.clearFaults();
  await sandbox.reset();
});

afterAll(() => sandbox.stop());

let number = 0;
const send = (to: BotTarget = target) => {
  number += 1;
  return sender.sendEvent(to, { type: 'thingMade', payload: { deliveryId: `dlv_${number}` } });
};

const commits = async () => (await sandbox.ledger()).commits;

test('creates one event as the integration', async () => {
  expect(await send()).toEqual({ kind: 'created', eventId: expect.stringMatching(/^evt_/) });
  expect(await commits()).toBe(1);
});

describe('a refused call', () => {
  test.each([
    ['InvalidPayload', 400],
    ['Unauthorized', 401],
    ['PaymentRequired', 402],
    ['Forbidden', 403],
    ['ResourceNotFound', 404],
    ['PayloadTooLarge', 413],
    ['RateLimited', 429],
    ['Internal', 500],
  ])('%s is refused with its status, type and error id', async (error, status) => {
    await sandbox.addFault({ kind: 'error', error, message: 'text' });
    expect(await send()).toEqual({
      kind: 'refused',
      refusal: expect.objectContaining({
        status,
        type: error,
        message: 'text',
        errorId: expect.any(String),
      }),
    });
    expect(await commits()).toBe(0);
  });

  test.each(['seconds', 'date'])(
    'keeps a Retry-After in %s, which the client drops',
    async (retryAfterAs) => {
      await sandbox.addFault({ kind: 'rate-limited', retryAfterSeconds: 30, retryAfterAs });
      const result = await send();
      if (result.kind !== 'refused') throw new Error(result.kind);
      expect(result.refusal.retryAfter).toBeGreaterThan(28_000);
      expect(result.refusal.retryAfter).toBeLessThanOrEqual(31_000);
    },
  );

  test('is not retried by the client', async () => {
    await sandbox.addFault({ kind: 'error', error: 'Internal' });
    await send();
    expect(await sandbox.calls()).toHaveLength(1);
  });
});

describe('a call is ambiguous', () => {
  test.each([
    ['no response, nothing created', { kind: 'hang', when: 'before' }, 'no answer within the timeout', 0],
    ['no response, event created', { kind: 'hang', when: 'after' }, 'no answer within the timeout', 1],
    ['a reset, nothing created', { kind: 'reset', when: 'before' }, 'ECONNRESET', 0],
    ['a reset, event created', { kind: 'reset', when: 'after' }, 'ECONNRESET', 1],
    ["a proxy's 502", { kind: 'html', status: 502 }, 'answered 502', 0],
    ["Botpress' OperationTimeout", { kind: 'error', error: 'OperationTimeout' }, 'answered 504', 0],
  ])('after %s', async (_name, fault, reason, created) => {
    await sandbox.addFault(fault);
    expect(await send()).toEqual({ kind: 'ambiguous', reason });
    expect(await commits()).toBe(created);
    expect(await sandbox.calls()).toHaveLength(1);
  });
});

describe('the deadline', () => {
  const event = { type: 'thingMade', payload: { deliveryId: 'dlv_late' } };

  test('prevents a call that would start after it', async () => {
    const lateSender = new EventSender({ timeout: TIMEOUT, now: () => 5_001 });
    expect(await lateSender.sendEvent(target, event, { deadline: 5_000 })).toEqual({
      kind: 'not_sent',
      reason: 'deadline exceeded by 1 ms',
    });
    expect(await sandbox.calls()).toEqual([]);
  });

  test('allows a call that starts exactly at it', async () => {
    const lateSender = new EventSender({ timeout: TIMEOUT, now: () => 5_000 });
    expect((await lateSender.sendEvent(target, event, { deadline: 5_000 })).kind).toBe('created');
  });
});

describe('the rate limit', () => {
  test('of a success is unknown, because Botpress does not state its window', async () => {
    await sandbox.setBot('limited', { eventsPerMinute: 100 });
    expect(await send({ ...target, botId: 'limited' })).toEqual({
      kind: 'created',
      eventId: expect.stringMatching(/^evt_/),
    });
  });

  test('of a 429 states only when there is room again', async () => {
    await sandbox.setBot('used-up', { eventsPerMinute: 1 });
    await send({ ...target, botId: 'used-up' });
    expect(await send({ ...target, botId: 'used-up' })).toEqual({
      kind: 'refused',
      refusal: expect.objectContaining({ status: 429 }),
      rateLimit: { reset: expect.any(Number) },
    });
  });
});

test('classifies concurrent calls of one client separately', async () => {
  await sandbox.addFault({ kind: 'error', error: 'InvalidPayload', match: { type: 'bad' } });
  const kinds = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const type = index % 2 === 0 ? 'bad' : 'good';
      const result = await sender.sendEvent(target, { type, payload: { deliveryId: `dlv_c${index}` } });
      return `${type} ${result.kind}`;
    }),
  );
  expect(new Set(kinds)).toEqual(new Set(['bad refused', 'good created']));
});

test('no result contains the token', async () => {
  const results = [await send({ ...target, apiUrl: `http://127.0.0.1:${await freePort()}` })];
  for (const fault of [
    { kind: 'reset' },
    { kind: 'hang' },
    { kind: 'html' },
    { kind: 'error', error: 'Internal' },
  ]) {
    await sandbox.addFault({ ...fault, times: 1 });
    results.push(await send());
  }
  expect(inspect(results, { depth: 10 })).not.toContain(TOKEN);
});
