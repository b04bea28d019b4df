import { type RunningRedis, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { dispatch } from './dispatcher.ts';
import { queueOf, type RigWorker, SchedulerRig } from './test-support/scheduler-rig.ts';

let server: RunningRedis;
let rig: SchedulerRig;
let worker: RigWorker;

beforeAll(async () => {
  server = await startRedis({ own: true });
  rig = new SchedulerRig(server.url);
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
  const [id = ''] = await rig.enqueue(queueOf('a'));
  const { permit } = await rig.acquire(worker);
  expect(permit).toEqual({ kind: 'granted', startedAt: expect.any(Number), isTripped: false });
  expect(await began(id)).toBe(String(permit.kind === 'granted' && permit.startedAt));
});

test('without the lock nobody may go, and nothing is touched', async () => {
  const [id = ''] = await rig.enqueue(queueOf('a'));
  const taken = await rig.reserve(worker);
  const { scheduler, redis } = rig;
  const request = { ...queueOf('a'), deliveryId: id };
  expect(await scheduler.acquire({ ...request, lock: 'another' })).toEqual({ kind: 'lost' });
  await redis.del(`{sluice}:deliveries:${id}:lock`);
  expect(await scheduler.acquire({ ...request, lock: taken?.lock ?? '' })).toEqual({ kind: 'lost' });
  expect(await began(id)).toBeNull();
  expect(await redis.keys(rig.key('*'))).toEqual([]);
});

test('asking renews the lock: the call that follows may last as long as one', async () => {
  const [id = ''] = await rig.enqueue(queueOf('a'));
  const taken = await rig.reserve(worker);
  const key = `{sluice}:deliveries:${id}:lock`;
  await rig.redis.pexpire(key, 5_000);
  await rig.scheduler.acquire({ ...queueOf('a'), deliveryId: id, lock: taken?.lock ?? '' });
  expect(await rig.redis.pttl(key)).toBeGreaterThan(50_000);
});

test('an open record is told until that very attempt is known to have left nothing', async () => {
  await rig.enqueue(queueOf('a'));
  const { permit, id, lock } = await rig.acquire(worker);
  if (permit.kind !== 'granted') throw new Error(permit.kind);
  const request = { ...queueOf('a'), deliveryId: id, lock };
  const unsettled = { kind: 'in_doubt', startedAt: permit.startedAt, age: expect.any(Number) };
  expect(await rig.scheduler.acquire(request)).toEqual(unsettled);
  expect(await rig.scheduler.acquire({ ...request, absentSince: permit.startedAt - 1 })).toEqual(unsettled);
  const sent = await rig.scheduler.acquire({ ...request, absentSince: permit.startedAt });
  expect(sent.kind).toBe('granted');
  expect(await began(id)).toBe(String(sent.kind === 'granted' && sent.startedAt));
});

test('a record that was looked up is put away, even if the permit does not come yet', async () => {
  await rig.enqueue(queueOf('a', { limit: 1 }));
  const { permit, id, lock } = await rig.acquire(worker);
  if (permit.kind !== 'granted') throw new Error(permit.kind);
  const request = { ...queueOf('a', { limit: 1 }), deliveryId: id, lock };
  expect((await rig.scheduler.acquire({ ...request, absentSince: permit.startedAt })).kind).toBe('paced');
  expect(await began(id)).toBeNull();
});

test('who may not go yet, though it could, keeps its permit and asks again soon', async () => {
  const lane = queueOf('a', { limit: 1 });
  await rig.enqueue(lane, 2);
  await rig.acquire(worker);
  const id = await rig.park(worker);
  await rig.age(60_000);
  await dispatch(worker.getBackend());
  const asked = await rig.acquire(worker, { notBefore: 100 });
  expect(asked.permit).toEqual({ kind: 'later', until: expect.any(Number) });
  await asked.job.moveToDelayed(Date.now(), asked.lock);
  const again = await rig.acquire(worker);
  expect([again.id, again.permit.kind]).toEqual([id, 'granted']);
});

test('who may not go for long waits in its lane; with a permit, outside of it', async () => {
  const lane = queueOf('a');
  const [id] = await rig.enqueue(lane);
  const parked = await rig.acquire(worker, { notBefore: 1_500 });
  expect(parked.permit.kind).toBe('paced');
  await rig.wait(parked);
  await dispatch(worker.getBackend());
  const asked = await rig.acquire(worker, { notBefore: 1_500 });
  expect(asked.permit).toEqual({ kind: 'later', until: expect.any(Number) });
  // Its permit is looked for only when it is back.
  const look = Number(await rig.redis.zscore(rig.key('turns'), `${id}:${lane.bot.id}`));
  expect(look - Date.now()).toBeGreaterThan(2_500);
  await asked.job.moveToDelayed(Date.now(), asked.lock);
  const again = await rig.acquire(worker);
  expect([again.id, again.permit.kind]).toEqual([id, 'granted']);
});

test('clear puts away the attempt that it names, and no later one', async () => {
  await rig.enqueue(queueOf('a'));
  const { permit, id } = await rig.acquire(worker);
  if (permit.kind !== 'granted') throw new Error(permit.kind);
  await rig.scheduler.clearAttempt(id, permit.startedAt - 1);
  expect(await began(id)).not.toBeNull();
  await rig.scheduler.clearAttempt(id, permit.startedAt);
  expect(await began(id)).toBeNull();
  await rig.scheduler.clearAttempt('dlv_gone', 1);
  expect(await rig.redis.exists('{sluice}:deliveries:dlv_gone')).toBe(0);
});

test('a delivery that goes at once leaves nothing but its bot’s tokens', async () => {
  await rig.enqueue(queueOf('a', { bot: 'b' }));
  await rig.acquire(worker);
  expect(await rig.redis.keys(rig.key('*'))).toEqual([rig.key('bot:b')]);
});

test('who has no permit waits as long as the bot’s line may take, twice, and a minute', async () => {
  await rig.enqueue(queueOf('a', { limit: 60 }), 23);
  for (let sent = 0; sent < 3; sent++) expect((await rig.acquire(worker)).permit.kind).toBe('granted');
  for (let parked = 0; parked < 19; parked++) await rig.park(worker);
  const { permit } = await rig.acquire(worker);
  // 19 wait for 58 tokens a minute.
  expect(permit).toMatchObject({ kind: 'paced' });
  const net = permit.kind === 'paced' ? permit.until - Date.now() : 0;
  expect(net).toBeGreaterThan(60_000 + 2 * 18_000);
  expect(net).toBeLessThan(60_000 + 2 * 20_000);
});

test('a Redis that is full lets begin, wait and go on what it holds', async () => {
  await rig.enqueue(queueOf('a', { limit: 60 }), 6);
  // The scripts are known before: a full Redis takes no new ones.
  for (let sent = 0; sent < 3; sent++) await rig.acquire(worker);
  await rig.park(worker);
  await dispatch(worker.getBackend());
  const taken = [await rig.reserve(worker), await rig.reserve(worker)];
  await rig.redis.config('SET', 'maxmemory', '1');
  await expect(rig.redis.set('x', 1)).rejects.toThrow('OOM');
  for (const one of taken) {
    if (!one) throw new Error('nothing waits');
    const permit = await rig.scheduler.acquire({ ...one.job.data, deliveryId: one.id, lock: one.lock });
    await rig.wait({ ...one, permit });
  }
  await rig.age(60_000);
  expect((await dispatch(worker.getBackend())).issued).toBe(3);
});
