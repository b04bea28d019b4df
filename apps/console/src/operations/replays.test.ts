import { setTimeout as pause } from 'node:timers/promises';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { ConsoleRig } from '../test-support/console-rig.ts';
import { readEvents } from '../test-support/read-events.ts';

let rig: ConsoleRig;

beforeAll(async () => {
  rig = await ConsoleRig.open({ startRedis, makeDelivery });
});

afterEach(() => rig.clear());

afterAll(() => rig.close());

const run = async (body: object) => {
  const answer = await rig.post('/api/replays', { note: 'fixed', ...body });
  return { ...answer, id: (answer.body as { id: string }).id };
};

describe('a plan', () => {
  test('returns the groups and the duration by the rate or the limits of the bots', async () => {
    await rig.kill('acme', 4);
    await rig.kill('other', 2);
    const plan = async (body: object) => (await rig.post('/api/replays/plan', body, { as: 'viewer' })).body;
    expect(await plan({ filter: {} })).toMatchObject({
      count: 6,
      groups: [
        { count: 4, connection: 'acme' },
        { count: 2, connection: 'other' },
      ],
      oldest: expect.any(Number),
      // 4 at 120 a minute. The limit of the other bot is 600.
      seconds: 2,
    });
    expect(await plan({ filter: { connection: 'other' }, perMinute: 1 })).toMatchObject({
      count: 2,
      seconds: 120,
    });
    expect(await plan({ filter: { connection: 'unknown' } })).toEqual({
      ...{ count: 0, groups: [], secondEvents: 0, seconds: 0 },
    });
  });
});

describe('a replay', () => {
  test('requeues the selected dead letters, and returns its path as Location', async () => {
    await rig.kill('acme', 3);
    await rig.kill('other', 1);
    const { status, headers, body, id } = await run({ filter: { connection: 'acme' }, perMinute: 100_000 });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/replays/${id}`);
    expect(body).toMatchObject({
      ...{ id, state: 'running', who: 'olga', note: 'fixed', perMinute: 100_000 },
      ...{ filter: { connection: 'acme' }, planned: 3, replayed: 0, outstanding: 0 },
    });
    rig.work();
    await vi.waitFor(async () => {
      const { body: now } = await rig.get(`/api/replays/${id}`, { as: 'viewer' });
      expect(now).toMatchObject({ state: 'done', replayed: 3, delivered: 3, endedAt: expect.any(Number) });
    }, 10_000);
    expect((await rig.get('/api/ledger')).body).toMatchObject({
      holds: true,
      total: { dead: 1, delivered: 3 },
      connections: [{ connection: 'acme', delivered: 3 }, { connection: 'other' }],
    });
    expect((await rig.get('/api/replays')).body).toMatchObject({ replays: [{ id }] });
    const { body: audit } = await rig.get('/api/audit');
    expect((audit as { lines: object[] }).lines).toContainEqual(
      expect.objectContaining({ action: 'replay', who: 'olga', reason: 'fixed' }),
    );
  });

  test('creates second events of dead letters that the bot failed only if that is confirmed', async () => {
    await rig.kill('acme', 2, { reason: 'bot_failed', detail: { message: 'no trigger', eventId: 'evt_1' } });
    await rig.kill('acme', 1);
    expect((await rig.post('/api/replays/plan', { filter: {} })).body).toMatchObject({
      count: 3,
      secondEvents: 2,
    });
    expect(await run({ filter: { reason: 'bot_failed' } })).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/^2 dead letters have an event .* Pass `secondEvents: true`/) },
    });
    expect((await rig.get('/api/replays')).body).toEqual({ replays: [] });
    expect((await run({ filter: { reason: 'rejected' } })).status).toBe(201);
    expect((await run({ filter: { reason: 'bot_failed' }, secondEvents: true })).status).toBe(201);
    const { body } = await rig.get('/api/dead-letters/groups');
    expect(body).toMatchObject({
      groups: [
        { death: { reason: 'bot_failed', eventId: 'evt_1', remedy: expect.stringContaining('trigger') } },
        { death: { reason: 'rejected' } },
      ],
    });
  });

  test('requires a selection and a note', async () => {
    await rig.kill('acme', 1);
    for (const body of [
      {},
      { filter: {} },
      { all: false },
      { note: ' ', all: true },
      { filter: {}, all: true },
    ]) {
      expect((await run(body)).status, JSON.stringify(body)).toBe(400);
    }
    expect((await run({ filter: { conection: 'acme' } })).text).toContain('conection');
    expect((await run({ filter: { connection: 5 } })).body).toMatchObject({
      issues: [
        { path: 'body.filter.connection', message: 'Invalid input: expected string, received number' },
      ],
    });
    expect((await run({ filter: { connection: 'unknown' } })).status).toBe(409);
    expect((await rig.get('/api/replays')).body).toEqual({ replays: [] });
    expect((await run({ all: true })).status).toBe(201);
  });
});

test('a replay is paused, resumed and cancelled in permitted states, with an audit entry each', async () => {
  await rig.kill('acme', 2);
  const { id } = await run({ all: true });
  const change = (action: string, of = id) => rig.post(`/api/replays/${of}/${action}`, { note: 'wait' });
  expect((await change('pause')).body).toMatchObject({ state: 'paused', why: 'by olga: wait' });
  expect(await change('pause')).toMatchObject({
    status: 409,
    body: { detail: `Cannot pause ${id}: it is paused.` },
  });
  expect((await change('resume')).body).toMatchObject({ state: 'running' });
  expect((await change('cancel')).body).toMatchObject({ state: 'cancelled' });
  expect((await change('resume')).status).toBe(409);
  expect((await change('cancel', 'rpl_none')).status).toBe(404);
  expect((await rig.get('/api/replays/rpl_none')).status).toBe(404);
  const { body } = await rig.get('/api/audit?limit=3');
  const page = body as { lines: { action: string }[]; next: string };
  expect(page.lines.map(({ action }) => action)).toEqual([
    'replay cancelled',
    'replay running',
    'replay paused',
  ]);
  const rest = await rig.get(`/api/audit?cursor=${page.next}`);
  expect(rest.body).toMatchObject({ lines: [{ action: 'replay', about: { replay: id, planned: '2' } }] });
});

describe('the events of a replay', () => {
  test('report its progress and end when it is done', async () => {
    await rig.kill('acme', 30);
    const { id } = await run({ all: true, perMinute: 600 });
    const events = readEvents(`${rig.console.url}/api/replays/${id}/events`);
    rig.work();
    const seen = await events.all();
    expect(seen.type).toBe('text/event-stream');
    const { events: received } = seen;
    expect(received.at(-1)).toMatchObject({ event: 'end', data: { state: 'done', delivered: 30 } });
    const progress = received
      .filter(({ event }) => event === 'progress')
      .map(({ data }) => Number(data.replayed));
    expect(progress[0]).toBe(0);
    expect(progress.length).toBeGreaterThan(3);
    expect(progress).toEqual(progress.toSorted((one, two) => one - two));
    expect(progress.at(-1)).toBe(30);
  });

  test('end when it is paused, and at once if it is over', async () => {
    await rig.kill('acme', 1);
    const { id } = await run({ all: true });
    const events = readEvents(`${rig.console.url}/api/replays/${id}/events`);
    await events.opened;
    await rig.post(`/api/replays/${id}/pause`, { note: 'wait' });
    expect((await events.all()).events.map(({ event, data }) => [event, data.state])).toEqual([
      ['progress', 'running'],
      ['progress', 'paused'],
      ['end', 'paused'],
    ]);
    const again = await readEvents(`${rig.console.url}/api/replays/${id}/events`).all();
    expect(again.events.map(({ event }) => event)).toEqual(['progress', 'end']);
  });

  test('reach 100 watchers with one read for all; another watcher gets 503 until one leaves', async () => {
    await rig.kill('acme', 1);
    const { id } = await run({ all: true });
    const url = `${rig.console.url}/api/replays/${id}/events`;
    const watching = Array.from({ length: 100 }, () => readEvents(url));
    await Promise.all(watching.map(({ opened }) => opened));
    const reads = async () => {
      const stats = await rig.redis.info('commandstats');
      return Number(/cmdstat_hgetall:calls=(\d+)/.exec(stats)?.[1]);
    };
    const before = await reads();
    const start = Date.now();
    await pause(1_100);
    const after = await reads();
    // One read every 500 ms, even if the pause took longer on a busy machine, and two at its ends.
    const expected = Math.floor((Date.now() - start) / 500) + 2;
    expect(after - before).toBeLessThanOrEqual(expected);
    const refused = await rig.get(`/api/replays/${id}/events`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    watching[0]?.leave();
    const next = await vi.waitFor(async () => {
      const one = readEvents(url);
      expect(await one.opened).toBe(200);
      return one;
    }, 5_000);
    for (const one of [...watching, next]) one.leave();
  });
});
