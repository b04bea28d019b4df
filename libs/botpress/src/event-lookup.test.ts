import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningSandbox, startSandbox } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { BotTarget } from './bot-client.ts';
import { EventLookup } from './event-lookup.ts';
import { EventSender } from './event-sender.ts';

const TYPE = 'thingMade';
/** Milliseconds: of calls that are to time out, and of all others. */
const SHORT = 1_000;
const LONG = 15_000;
const MINUTE = 60_000;
/** When the attempts began that are asked about. */
const STARTED = Date.now();

const now = Date.now;
const sender = new EventSender({ timeout: LONG, now });
const finder = new EventLookup({ timeout: LONG, now });

let folder: string;
let sandbox: RunningSandbox;

const targetOf = (botId: string): BotTarget => ({
  apiUrl: sandbox.url,
  botId,
  integrationId: 'shop',
  token: 't',
});
const find = (botId: string, deliveryId: string, startedAt = STARTED) =>
  finder.findExistingEvent(targetOf(botId), { type: TYPE, deliveryId, startedAt });

/** Counts, and with `fault` spoils, a bot's lists. */
const strike = async (botId: string, fault: object = { kind: 'latency', ms: 0 }) => {
  const { id } = await sandbox.addFault({ ...fault, match: { operation: 'listEvents', botId } });
  return async () => (await sandbox.faults()).find((it) => it.id === id)?.hits ?? 0;
};

/** A bot's events, the newest first, made at `createdAt` and each a millisecond before the one before it. */
const events = (botId: string, count: number, createdAt = STARTED, type = TYPE) =>
  Array.from({ length: count }, (_, index) => ({
    id: `evt_${botId}_${index}`,
    createdAt: new Date(createdAt - index).toISOString(),
    botId,
    integrationId: 'shop',
    type,
    payload: { deliveryId: `dlv_${index}` },
    deliveryId: `dlv_${index}`,
    status: 'pending',
  }));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-finder-'));
  const seed = [
    ...events('deep', 450),
    ...events('neighbour', 500),
    ...events('deep', 1, STARTED - 1, 'otherMade').map((it) => ({
      ...it,
      payload: { deliveryId: 'dlv_other' },
    })),
    // Pages two to five are of before the attempt, by more than the clocks may differ.
    ...events('old', 100),
    ...events('old', 100, STARTED - 59_900).map((it, index) => ({
      ...it,
      id: `evt_early_${index}`,
      payload: { deliveryId: `dlv_early_${index}` },
    })),
    ...events('old', 300, STARTED - MINUTE - 1).map((it, index) => ({
      ...it,
      payload: { deliveryId: `dlv_before_${index}` },
    })),
    ...events('full', 6_000),
    ...events('endless', 6_001),
  ];
  // The journal is read oldest first.
  const lines = seed.reverse().map((event) => JSON.stringify(event));
  await writeFile(join(folder, 'events.ndjson'), `${lines.join('\n')}\n`);
  sandbox = await startSandbox({ SLUICE_SANDBOX_DATA: folder });
});

afterEach(() => sandbox.clearFaults());

afterAll(async () => {
  await sandbox.stop();
  await rm(folder, { recursive: true });
});

describe('looks through the list', () => {
  test('finds what is on the first page', async () => {
    const lists = await strike('deep');
    expect(await find('deep', 'dlv_7')).toEqual({ kind: 'found', eventId: 'evt_deep_7' });
    expect(await lists()).toBe(1);
  });

  test('finds what is on the fifth', async () => {
    const lists = await strike('deep');
    expect(await find('deep', 'dlv_449')).toEqual({ kind: 'found', eventId: 'evt_deep_449' });
    expect(await lists()).toBe(5);
  });

  test('what is on no page is absent', async () => {
    const lists = await strike('deep');
    expect(await find('deep', 'dlv_450')).toEqual({ kind: 'absent' });
    expect(await lists()).toBe(5);
  });

  test('a bot without events has none', async () => {
    expect(await find('empty', 'dlv_1')).toEqual({ kind: 'absent' });
  });

  test('another bot’s, another type’s and another integration’s events do not count', async () => {
    expect(await find('deep', 'dlv_499')).toEqual({ kind: 'absent' });
    expect(await find('deep', 'dlv_other')).toEqual({ kind: 'absent' });
    const target = { ...targetOf('deep'), integrationId: 'another' };
    expect(
      await finder.findExistingEvent(target, { type: TYPE, deliveryId: 'dlv_7', startedAt: STARTED }),
    ).toEqual({
      kind: 'absent',
    });
  });

  test('goes back to a minute before the attempt began, for the clocks, and not further', async () => {
    const lists = await strike('old');
    expect(await find('old', 'dlv_early_99')).toEqual({ kind: 'found', eventId: 'evt_early_99' });
    expect(await lists()).toBe(2);
    // The third page begins before that, whatever else is on it.
    expect(await find('old', 'dlv_before_200')).toEqual({ kind: 'absent' });
    expect(await lists()).toBe(2 + 3);
  });

  test('what is not on 60 pages is not known, if more follow', async () => {
    const lists = await strike('endless');
    expect(await find('endless', 'dlv_6000')).toEqual({
      kind: 'unknown',
      why: 'not on the newest 60 pages, and more follow',
    });
    expect(await lists()).toBe(60);
    expect(await find('endless', 'dlv_5999')).toEqual({ kind: 'found', eventId: 'evt_endless_5999' });
  });

  test('on exactly 60 pages it is', async () => {
    expect(await find('full', 'dlv_6000')).toEqual({ kind: 'absent' });
  });
});

describe('when Botpress cannot be asked', () => {
  test.each([
    ['a 500', { kind: 'error', error: 'Internal' }, 'answered 500 Internal'],
    ['a gateway', { kind: 'html', status: 502 }, 'answered 502'],
    ['a gateway that is sorry', { kind: 'status', status: 503 }, 'answered 503 Unknown'],
    ['a reset', { kind: 'reset' }, 'ECONNRESET'],
  ])('%s: unknown', async (_name, fault, why) => {
    const lists = await strike('deep', fault);
    expect(await find('deep', 'dlv_7')).toEqual({ kind: 'unknown', why });
    expect(await lists()).toBe(1);
  });

  test('no answer, or nobody there: unknown', async () => {
    await strike('deep', { kind: 'hang' });
    const hasty = new EventLookup({ timeout: SHORT, now });
    const sought = { type: TYPE, deliveryId: 'dlv_7', startedAt: STARTED };
    const nobody = { ...targetOf('deep'), apiUrl: 'http://127.0.0.1:1' };
    expect(await hasty.findExistingEvent(targetOf('deep'), sought)).toEqual({
      kind: 'unknown',
      why: 'no answer within the timeout',
    });
    expect(await hasty.findExistingEvent(nobody, sought)).toEqual({ kind: 'unknown', why: 'ECONNREFUSED' });
  });

  test.each([
    ['revoked', 401, 'Unauthorized'],
    ['unpaid', 402, 'PaymentRequired'],
    ['forbidden', 403, 'Forbidden'],
    ['missing', 404, 'ResourceNotFound'],
  ])('a bot that is %s: refused', async (state, status, type) => {
    await sandbox.setBot('shut', { state });
    expect(await find('shut', 'dlv_7')).toMatchObject({ kind: 'refused', refusal: { status, type } });
  });

  test.each([
    ['a 429', { kind: 'rate-limited', retryAfterSeconds: 30 }, 429],
    ['a 429 with a date', { kind: 'rate-limited', retryAfterSeconds: 30, retryAfterAs: 'date' }, 429],
    ['a 503 that says when to come back', { kind: 'status', status: 503, retryAfterSeconds: 30 }, 503],
  ])('%s: refused, with the time to wait', async (_name, fault, status) => {
    await strike('deep', fault);
    const result = await find('deep', 'dlv_7');
    if (result.kind !== 'refused') throw new Error(result.kind);
    expect(result.refusal.status).toBe(status);
    expect(result.refusal.retryAfter).toBeGreaterThan(28_000);
    expect(result.refusal.retryAfter).toBeLessThanOrEqual(31_000);
  });
});

describe('after an attempt without an answer', () => {
  const match = { botId: 'lossy' };
  const hasty = new EventSender({ timeout: SHORT, now });
  const send = (deliveryId: string) =>
    hasty.sendEvent(targetOf('lossy'), { type: TYPE, payload: { deliveryId } });

  test.each([
    ['a reset', { kind: 'reset', when: 'after' }],
    ['no answer', { kind: 'hang', when: 'after' }],
    ['a late answer', { kind: 'latency', ms: 3 * SHORT, when: 'after' }],
    ['an answer that is held', { kind: 'hold' }],
  ])('%s after the commit: found', async (name, fault) => {
    await sandbox.addFault({ ...fault, match });
    const startedAt = Date.now();
    const deliveryId = `dlv_${name}`;
    expect((await send(deliveryId)).kind).toBe('ambiguous');
    expect(await find('lossy', deliveryId, startedAt)).toEqual({
      kind: 'found',
      eventId: expect.stringMatching(/^evt_/),
    });
  });

  test.each([
    ['a reset before', { kind: 'reset', when: 'before' }],
    ['a gateway before', { kind: 'status', status: 502 }],
  ])('%s the commit: absent', async (name, fault) => {
    await sandbox.addFault({ ...fault, match });
    const deliveryId = `dlv_${name}`;
    expect((await send(deliveryId)).kind).toBe('ambiguous');
    expect(await find('lossy', deliveryId)).toEqual({ kind: 'absent' });
  });
});

describe('many at once share walks', () => {
  const send = (botId: string, deliveryId: string) =>
    sender.sendEvent(targetOf(botId), { type: TYPE, payload: { deliveryId } });

  test('300 after an outage: three lists, and each its own result', async () => {
    await sandbox.addFault({ kind: 'reset', when: 'after', match: { botId: 'outage' } });
    const ids = Array.from({ length: 300 }, (_, index) => `dlv_${index}`);
    const startedAt = Date.now();
    await Promise.all(ids.map((id) => send('outage', id)));
    const lists = await strike('outage');
    const results = await Promise.all(
      [...ids, 'dlv_never'].map((deliveryId) => find('outage', deliveryId, startedAt)),
    );
    expect(await lists()).toBe(3);
    const committed = new Map((await sandbox.calls()).map((call) => [call.deliveryId, call.eventId]));
    expect(results).toEqual([
      ...ids.map((id) => ({ kind: 'found', eventId: committed.get(id) })),
      { kind: 'absent' },
    ]);
  });

  test('who comes during a walk is taken along by the next, and all of them by one', async () => {
    const lists = await strike('busy');
    const match = { operation: 'listEvents', botId: 'busy' };
    const { id } = await sandbox.addFault({ kind: 'hold', times: 1, match });
    const early = find('busy', 'dlv_early');
    // The answer of the first walk is made, and says that nothing is there.
    await vi.waitUntil(async () => (await lists()) === 1, { timeout: 10_000, interval: 5 });
    await send('busy', 'dlv_late');
    const late = ['dlv_late', 'dlv_early', 'dlv_late'].map((deliveryId) => find('busy', deliveryId));
    await fetch(`${sandbox.url}/sandbox/faults/${id}/release`, { method: 'POST' });
    expect(await early).toEqual({ kind: 'absent' });
    const found = { kind: 'found', eventId: expect.stringMatching(/^evt_/) };
    expect(await Promise.all(late)).toEqual([found, { kind: 'absent' }, found]);
    expect(await lists()).toBe(2);
  });

  test('a walk goes back for the earliest of those it takes along', async () => {
    const results = await Promise.all([
      find('old', 'dlv_before_250', STARTED + 5 * MINUTE),
      find('old', 'dlv_before_250', STARTED - MINUTE),
      find('old', 'dlv_5'),
    ]);
    expect(results.map(({ kind }) => kind)).toEqual(['absent', 'found', 'found']);
  });

  test('one that fails fails for all that still seek, and the next starts anew', async () => {
    await strike('deep', { kind: 'error', error: 'Internal', times: 1 });
    const results = await Promise.all([find('deep', 'dlv_1'), find('deep', 'dlv_2')]);
    expect(results.map(({ kind }) => kind)).toEqual(['unknown', 'unknown']);
    expect((await find('deep', 'dlv_1')).kind).toBe('found');
  });

  test('of another bot or type, nothing is shared', async () => {
    await strike('neighbour', { kind: 'error', error: 'Internal' });
    const other = { type: 'otherMade', deliveryId: 'dlv_other', startedAt: STARTED };
    const results = await Promise.all([
      find('neighbour', 'dlv_1'),
      find('deep', 'dlv_1'),
      finder.findExistingEvent(targetOf('deep'), other),
    ]);
    expect(results.map(({ kind }) => kind)).toEqual(['unknown', 'found', 'found']);
  });
});
