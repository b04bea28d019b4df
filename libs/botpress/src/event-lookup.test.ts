import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningSandbox, startSandbox } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { BotTarget } from './bot-client.ts';
import { EventLookup } from './event-lookup.ts';
import { EventSender } from './event-sender.ts';

const TYPE = 'thingMade';
/** Timeouts in milliseconds: of calls meant to time out, and of all others. */
const SHORT = 1_000;
const LONG = 15_000;
const MINUTE = 60_000;
/** Start of the attempts whose events are looked up. */
const STARTED = Date.now();

const now = Date.now;
const sender = new EventSender({ timeout: LONG, now });
const lookup = new EventLookup({ timeout: LONG, now });

let folder: string;
let sandbox: RunningSandbox;

const targetOf = (botId: string): BotTarget => ({
  apiUrl: sandbox.url,
  botId,
  integrationId: 'shop',
  token: 't',
});
const find = (botId: string, deliveryId: string, startedAt = STARTED) =>
  lookup.findExistingEvent(targetOf(botId), { type: TYPE, deliveryId, startedAt });

/** Applies `fault` to a bot's listEvents calls, and returns a function that counts these calls. */
const countLists = async (botId: string, fault: object = { kind: 'latency', ms: 0 }) => {
  const { id } = await sandbox.addFault({ ...fault, match: { operation: 'listEvents', botId } });
  return async () => (await sandbox.faults()).find((it) => it.id === id)?.hits ?? 0;
};

/** A bot's events, newest first: the first created at `createdAt`, each next one a millisecond earlier. */
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
  folder = await mkdtemp(join(tmpdir(), 'sluice-lookup-'));
  const seed = [
    ...events('deep', 450),
    ...events('neighbour', 500),
    ...events('deep', 1, STARTED - 1, 'otherMade').map((it) => ({
      ...it,
      payload: { deliveryId: 'dlv_other' },
    })),
    // Pages 3 to 5 are older than the attempt by more than the clock tolerance.
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

describe('the lookup in the list', () => {
  test('finds an event on the first page', async () => {
    const lists = await countLists('deep');
    expect(await find('deep', 'dlv_7')).toEqual({ kind: 'found', eventId: 'evt_deep_7' });
    expect(await lists()).toBe(1);
  });

  test('finds an event on the fifth page', async () => {
    const lists = await countLists('deep');
    expect(await find('deep', 'dlv_449')).toEqual({ kind: 'found', eventId: 'evt_deep_449' });
    expect(await lists()).toBe(5);
  });

  test('reports an event on no page as absent', async () => {
    const lists = await countLists('deep');
    expect(await find('deep', 'dlv_450')).toEqual({ kind: 'absent' });
    expect(await lists()).toBe(5);
  });

  test('finds the newest event of a delivery, and none of the earlier events that do not count', async () => {
    const send = () =>
      sender.sendEvent(targetOf('twice'), { type: TYPE, payload: { deliveryId: 'dlv_twice' } });
    const [first, second] = [await send(), await send()];
    if (first.kind !== 'created' || second.kind !== 'created') throw new Error('not created');
    const query = { type: TYPE, deliveryId: 'dlv_twice', startedAt: STARTED };
    const except = [first.eventId];
    const target = targetOf('twice');
    expect(await lookup.findExistingEvent(target, { ...query, except })).toEqual({
      ...{ kind: 'found', eventId: second.eventId },
    });
    const both = [first.eventId, second.eventId];
    expect(await lookup.findExistingEvent(target, { ...query, except: both })).toEqual({ kind: 'absent' });
  });

  test('reports absent for a bot without events', async () => {
    expect(await find('empty', 'dlv_1')).toEqual({ kind: 'absent' });
  });

  test('ignores events of another bot, type or integration', async () => {
    expect(await find('deep', 'dlv_499')).toEqual({ kind: 'absent' });
    expect(await find('deep', 'dlv_other')).toEqual({ kind: 'absent' });
    const target = { ...targetOf('deep'), integrationId: 'another' };
    expect(
      await lookup.findExistingEvent(target, { type: TYPE, deliveryId: 'dlv_7', startedAt: STARTED }),
    ).toEqual({
      kind: 'absent',
    });
  });

  test('reads back to a minute before the attempt, for clock differences, and no further', async () => {
    const lists = await countLists('old');
    expect(await find('old', 'dlv_early_99')).toEqual({ kind: 'found', eventId: 'evt_early_99' });
    expect(await lists()).toBe(2);
    // The third page begins before that minute, so no further page is read.
    expect(await find('old', 'dlv_before_200')).toEqual({ kind: 'absent' });
    expect(await lists()).toBe(2 + 3);
  });

  test('reports unknown if the event is not among 6,000 events and more follow', async () => {
    const lists = await countLists('endless');
    expect(await find('endless', 'dlv_6000')).toEqual({
      kind: 'unknown',
      reason: 'not among the newest 6000 events, and more follow',
    });
    expect(await lists()).toBe(60);
    expect(await find('endless', 'dlv_5999')).toEqual({ kind: 'found', eventId: 'evt_endless_5999' });
  });

  test('reports absent if the event is not among exactly 6,000 events', async () => {
    expect(await find('full', 'dlv_6000')).toEqual({ kind: 'absent' });
  });
});

describe('a failed listEvents call', () => {
  test.each([
    ['a 500', { kind: 'error', error: 'Internal' }, 'answered 500 Internal'],
    ['a 502 of a gateway', { kind: 'html', status: 502 }, 'answered 502'],
    ['a 503 of a gateway', { kind: 'status', status: 503 }, 'answered 503 Unknown'],
    ['a reset', { kind: 'reset' }, 'ECONNRESET'],
  ])('%s gives unknown', async (_name, fault, reason) => {
    const lists = await countLists('deep', fault);
    expect(await find('deep', 'dlv_7')).toEqual({ kind: 'unknown', reason });
    expect(await lists()).toBe(1);
  });

  test('a timeout and a refused connection give unknown', async () => {
    await countLists('deep', { kind: 'hang' });
    const impatient = new EventLookup({ timeout: SHORT, now });
    const query = { type: TYPE, deliveryId: 'dlv_7', startedAt: STARTED };
    const unreachable = { ...targetOf('deep'), apiUrl: 'http://127.0.0.1:1' };
    expect(await impatient.findExistingEvent(targetOf('deep'), query)).toEqual({
      kind: 'unknown',
      reason: 'no answer within the timeout',
    });
    expect(await impatient.findExistingEvent(unreachable, query)).toEqual({
      kind: 'unknown',
      reason: 'ECONNREFUSED',
    });
  });

  test.each([
    ['revoked', 401, 'Unauthorized'],
    ['unpaid', 402, 'PaymentRequired'],
    ['forbidden', 403, 'Forbidden'],
    ['missing', 404, 'ResourceNotFound'],
  ])('a %s bot gives refused', async (state, status, type) => {
    await sandbox.setBot('closed', { state });
    expect(await find('closed', 'dlv_7')).toMatchObject({ kind: 'refused', refusal: { status, type } });
  });

  test.each([
    ['a 429', { kind: 'rate-limited', retryAfterSeconds: 30 }, 429],
    ['a 429 with a date', { kind: 'rate-limited', retryAfterSeconds: 30, retryAfterAs: 'date' }, 429],
    ['a 503 with Retry-After', { kind: 'status', status: 503, retryAfterSeconds: 30 }, 503],
  ])('%s gives refused, with the time to wait', async (_name, fault, status) => {
    await countLists('deep', fault);
    const result = await find('deep', 'dlv_7');
    if (result.kind !== 'refused') throw new Error(result.kind);
    expect(result.refusal.status).toBe(status);
    expect(result.refusal.retryAfter).toBeGreaterThan(28_000);
    expect(result.refusal.retryAfter).toBeLessThanOrEqual(31_000);
  });
});

describe('after an attempt without a response', () => {
  const match = { botId: 'lossy' };
  const impatient = new EventSender({ timeout: SHORT, now });
  const send = (deliveryId: string) =>
    impatient.sendEvent(targetOf('lossy'), { type: TYPE, payload: { deliveryId } });

  test.each([
    ['a reset', { kind: 'reset', when: 'after' }],
    ['no response', { kind: 'hang', when: 'after' }],
    ['a late response', { kind: 'latency', ms: 3 * SHORT, when: 'after' }],
    ['a held response', { kind: 'hold' }],
  ])('%s after the commit: the event is found', async (name, fault) => {
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
    ['a 502 before', { kind: 'status', status: 502 }],
  ])('%s the commit: the event is absent', async (name, fault) => {
    await sandbox.addFault({ ...fault, match });
    const deliveryId = `dlv_${name}`;
    expect((await send(deliveryId)).kind).toBe('ambiguous');
    expect(await find('lossy', deliveryId)).toEqual({ kind: 'absent' });
  });
});

describe('concurrent lookups share scans', () => {
  const send = (botId: string, deliveryId: string) =>
    sender.sendEvent(targetOf(botId), { type: TYPE, payload: { deliveryId } });

  test('300 lookups after an outage read three pages, and each gets its own result', async () => {
    await sandbox.addFault({ kind: 'reset', when: 'after', match: { botId: 'outage' } });
    const ids = Array.from({ length: 300 }, (_, index) => `dlv_${index}`);
    const startedAt = Date.now();
    await Promise.all(ids.map((id) => send('outage', id)));
    const lists = await countLists('outage');
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

  test('lookups that arrive during a scan share the next one', async () => {
    const lists = await countLists('busy');
    const match = { operation: 'listEvents', botId: 'busy' };
    const { id } = await sandbox.addFault({ kind: 'hold', times: 1, match });
    const early = find('busy', 'dlv_early');
    // The response of the first scan is ready and contains no event.
    await vi.waitUntil(async () => (await lists()) === 1, { timeout: 10_000, interval: 5 });
    await send('busy', 'dlv_late');
    const late = ['dlv_late', 'dlv_early', 'dlv_late'].map((deliveryId) => find('busy', deliveryId));
    await fetch(`${sandbox.url}/sandbox/faults/${id}/release`, { method: 'POST' });
    expect(await early).toEqual({ kind: 'absent' });
    const found = { kind: 'found', eventId: expect.stringMatching(/^evt_/) };
    expect(await Promise.all(late)).toEqual([found, { kind: 'absent' }, found]);
    // The empty list of the first scan is confirmed by the list of all events.
    expect(await lists()).toBe(3);
  });

  test('a scan reads back to the earliest attempt of its lookups', async () => {
    const results = await Promise.all([
      find('old', 'dlv_before_250', STARTED + 5 * MINUTE),
      find('old', 'dlv_before_250', STARTED - MINUTE),
      find('old', 'dlv_5'),
    ]);
    expect(results.map(({ kind }) => kind)).toEqual(['absent', 'found', 'found']);
  });

  test('a failed scan fails its open lookups, and the next scan starts over', async () => {
    await countLists('deep', { kind: 'error', error: 'Internal', times: 1 });
    const results = await Promise.all([find('deep', 'dlv_1'), find('deep', 'dlv_2')]);
    expect(results.map(({ kind }) => kind)).toEqual(['unknown', 'unknown']);
    expect((await find('deep', 'dlv_1')).kind).toBe('found');
  });

  test('lookups of another bot or type share nothing', async () => {
    await countLists('neighbour', { kind: 'error', error: 'Internal' });
    const other = { type: 'otherMade', deliveryId: 'dlv_other', startedAt: STARTED };
    const results = await Promise.all([
      find('neighbour', 'dlv_1'),
      find('deep', 'dlv_1'),
      lookup.findExistingEvent(targetOf('deep'), other),
    ]);
    expect(results.map(({ kind }) => kind)).toEqual(['unknown', 'found', 'found']);
  });
});
