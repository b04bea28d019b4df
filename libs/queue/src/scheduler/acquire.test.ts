import { type RunningRedis, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { dispatch } from './dispatcher.ts';
import { GateRig, type GateWorker, laneOf } from './test-support/scheduler-rig.ts';

let server: RunningRedis;
let rig: GateRig;
let worker: GateWorker;

beforeAll(async () => {
  server = await startRedis({ own: true });
  rig = new GateRig(server.url);
});

beforeEach(async () => {
  worker = await rig.openWorker();
});

afterEach(async () => {
  await rig.stopWorkers();
  await rig.redis.config('SET', 'maxmemory', '0');
  await rig.redis.flushall();
});

afterAll(async () => {
  await rig.close();
  await server.stop();
});

const began = (id: string) => rig.redis.hget(`{sluice}:deliveries:${id}`, 'sl:began');

test('who may go has that on record, by Redis’ clock', async () => {
  const [id = ''] = await rig.enqueue(laneOf('a'));
  const { turn } = await rig.ask(worker);
  expect(turn).toEqual({ kind: 'granted', startedAt: expect.any(Number), isTripped: false });
  expect(await began(id)).toBe(String(turn.kind === 'granted' && turn.startedAt));
});

test('without the lock nobody may go, and nothing is touched', async () => {
  const [id = ''] = await rig.enqueue(laneOf('a'));
  const taken = await rig.take(worker);
  const { gate, redis } = rig;
  const request = { ...laneOf('a'), deliveryId: id };
  expect(await gate.acquire({ ...request, lock: 'another' })).toEqual({ kind: 'lost' });
  await redis.del(`{sluice}:deliveries:${id}:lock`);
  expect(await gate.acquire({ ...request, lock: taken?.lock ?? '' })).toEqual({ kind: 'lost' });
  expect(await began(id)).toBeNull();
  expect(await redis.keys(rig.key('*'))).toEqual([]);
});

test('asking renews the lock: the call that follows may last as long as one', async () => {
  const [id = ''] = await rig.enqueue(laneOf('a'));
  const taken = await rig.take(worker);
  const key = `{sluice}:deliveries:${id}:lock`;
  await rig.redis.pexpire(key, 5_000);
  await rig.gate.acquire({ ...laneOf('a'), deliveryId: id, lock: taken?.lock ?? '' });
  expect(await rig.redis.pttl(key)).toBeGreaterThan(50_000);
});

test('an open record is told until that very attempt is known to have left nothing', async () => {
  await rig.enqueue(laneOf('a'));
  const { turn, id, lock } = await rig.ask(worker);
  if (turn.kind !== 'granted') throw new Error(turn.kind);
  const request = { ...laneOf('a'), deliveryId: id, lock };
  const unsettled = { kind: 'in_doubt', startedAt: turn.startedAt, age: expect.any(Number) };
  expect(await rig.gate.acquire(request)).toEqual(unsettled);
  expect(await rig.gate.acquire({ ...request, absentSince: turn.startedAt - 1 })).toEqual(unsettled);
  const sent = await rig.gate.acquire({ ...request, absentSince: turn.startedAt });
  expect(sent.kind).toBe('granted');
  expect(await began(id)).toBe(String(sent.kind === 'granted' && sent.startedAt));
});

test('a record that was looked up is put away, even if the turn does not come yet', async () => {
  await rig.enqueue(laneOf('a', { limit: 1 }));
  const { turn, id, lock } = await rig.ask(worker);
  if (turn.kind !== 'granted') throw new Error(turn.kind);
  const request = { ...laneOf('a', { limit: 1 }), deliveryId: id, lock };
  expect((await rig.gate.acquire({ ...request, absentSince: turn.startedAt })).kind).toBe('paced');
  expect(await began(id)).toBeNull();
});

test('who may not go yet, though it could, keeps its turn and asks again soon', async () => {
  const lane = laneOf('a', { limit: 1 });
  await rig.enqueue(lane, 2);
  await rig.ask(worker);
  const id = await rig.park(worker);
  await rig.age(60_000);
  await dispatch(worker.getBackend());
  const asked = await rig.ask(worker, { notBefore: 100 });
  expect(asked.turn).toEqual({ kind: 'later', until: expect.any(Number) });
  await asked.job.moveToDelayed(Date.now(), asked.lock);
  const again = await rig.ask(worker);
  expect([again.id, again.turn.kind]).toEqual([id, 'granted']);
});

test('who may not go for long waits in its lane; with a turn, outside of it', async () => {
  const lane = laneOf('a');
  const [id] = await rig.enqueue(lane);
  const parked = await rig.ask(worker, { notBefore: 1_500 });
  expect(parked.turn.kind).toBe('paced');
  await rig.wait(parked);
  await dispatch(worker.getBackend());
  const asked = await rig.ask(worker, { notBefore: 1_500 });
  expect(asked.turn).toEqual({ kind: 'later', until: expect.any(Number) });
  // Its turn is looked for only when it is back.
  const look = Number(await rig.redis.zscore(rig.key('turns'), `${id}:${lane.bot.id}`));
  expect(look - Date.now()).toBeGreaterThan(2_500);
  await asked.job.moveToDelayed(Date.now(), asked.lock);
  const again = await rig.ask(worker);
  expect([again.id, again.turn.kind]).toEqual([id, 'granted']);
});

test('clear puts away the attempt that it names, and no later one', async () => {
  await rig.enqueue(laneOf('a'));
  const { turn, id } = await rig.ask(worker);
  if (turn.kind !== 'granted') throw new Error(turn.kind);
  await rig.gate.clearAttempt(id, turn.startedAt - 1);
  expect(await began(id)).not.toBeNull();
  await rig.gate.clearAttempt(id, turn.startedAt);
  expect(await began(id)).toBeNull();
  await rig.gate.clearAttempt('dlv_gone', 1);
  expect(await rig.redis.exists('{sluice}:deliveries:dlv_gone')).toBe(0);
});

test('a delivery that goes at once leaves nothing but its bot’s tokens', async () => {
  await rig.enqueue(laneOf('a', { bot: 'b' }));
  await rig.ask(worker);
  expect(await rig.redis.keys(rig.key('*'))).toEqual([rig.key('bot:b')]);
});

test('who has no turn waits as long as the bot’s line may take, twice, and a minute', async () => {
  await rig.enqueue(laneOf('a', { limit: 60 }), 23);
  for (let sent = 0; sent < 3; sent++) expect((await rig.ask(worker)).turn.kind).toBe('granted');
  for (let parked = 0; parked < 19; parked++) await rig.park(worker);
  const { turn } = await rig.ask(worker);
  // 19 wait for 58 tokens a minute.
  expect(turn).toMatchObject({ kind: 'paced' });
  const net = turn.kind === 'paced' ? turn.until - Date.now() : 0;
  expect(net).toBeGreaterThan(60_000 + 2 * 18_000);
  expect(net).toBeLessThan(60_000 + 2 * 20_000);
});

test('a Redis that is full lets begin, wait and go on what it holds', async () => {
  await rig.enqueue(laneOf('a', { limit: 60 }), 6);
  // The scripts are known before: a full Redis takes no new ones.
  for (let sent = 0; sent < 3; sent++) await rig.ask(worker);
  await rig.park(worker);
  await dispatch(worker.getBackend());
  const taken = [await rig.take(worker), await rig.take(worker)];
  await rig.redis.config('SET', 'maxmemory', '1');
  await expect(rig.redis.set('x', 1)).rejects.toThrow('OOM');
  for (const one of taken) {
    if (!one) throw new Error('nothing waits');
    const turn = await rig.gate.acquire({ ...one.job.data, deliveryId: one.id, lock: one.lock });
    await rig.wait({ ...one, turn });
  }
  await rig.age(60_000);
  expect((await dispatch(worker.getBackend())).given).toBe(3);
});
