import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ConsoleRig, PREFIX } from '../test-support/console-rig.ts';

let rig: ConsoleRig;

beforeAll(async () => {
  rig = await ConsoleRig.open({ startRedis, makeDelivery });
});

afterEach(() => rig.clear());

afterAll(() => rig.close());

const summary = async () => (await rig.get('/api/dead-letters/summary', { as: 'viewer' })).body;

test('the summary counts dead letters and shows the last retention run', async () => {
  expect(await summary()).toEqual({ dead: 0, groups: 0 });
  // A worker runs retention when it starts, and minutes later again. It is stopped before the failures below.
  const stop = rig.work();
  await vi.waitFor(async () => expect(await summary()).toMatchObject({ sweep: { bytes: 0, expiring: 0 } }), {
    timeout: 10_000,
  });
  await stop();
  await rig.kill('acme', 3);
  await rig.kill('other', 2, { reason: 'invalid_event' });
  const [, first] = await rig.redis.zrange(`${PREFIX}:deliveries:failed`, '0', '0', 'WITHSCORES');
  expect(await summary()).toMatchObject({ dead: 5, groups: 2, oldest: Number(first) });
  expect(await summary()).toMatchObject({ sweep: { bytes: 0, expiring: 0 } });
  await rig.redis.hset(`${PREFIX}:retention`, { bytes: 40_000, expiring: 2, at: 1_790_000_000_000 });
  expect(await summary()).toMatchObject({ sweep: { at: 1_790_000_000_000, bytes: 40_000, expiring: 2 } });
});

test('discarded dead letters are listed separately, also for viewers', async () => {
  const [kept] = await rig.kill('acme', 1);
  const discarded = await rig.kill('other', 2);
  await rig.post('/api/dead-letters/discard', { filter: { connection: 'other' }, note: 'test data' });
  const ids = async (query: string) => {
    const { body } = await rig.get(`/api/dead-letters${query}`, { as: 'viewer' });
    return (body as { letters: { id: string }[] }).letters.map(({ id }) => id).toSorted();
  };
  expect(await ids('')).toEqual([kept]);
  expect(await ids('?among=dead')).toEqual([kept]);
  expect(await ids('?among=discarded')).toEqual(discarded.toSorted());
  expect(await ids('?among=discarded&connection=acme')).toEqual([]);
  expect((await rig.get('/api/dead-letters?among=all')).status).toBe(400);
  await rig.post('/api/dead-letters/restore', { filter: { id: discarded.slice(0, 1) }, note: 'needed' });
  expect(await ids('?among=discarded')).toEqual(discarded.slice(1));
});
