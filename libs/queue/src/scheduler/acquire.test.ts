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

const startedAt = (id: string) => rig.redis.hget(`{sluice}:deliveries:${id}`, 'sl:began');

test('a granted permit records the start of the attempt by Redis’ clock', async () => {
  const [id = ''] = await rig.enqueue(queueOf('a'));
  const { permit } = await rig.acquire(worker);
  expect(permit).toEqual({ kind: 'granted', startedAt: expect.any(Number), isTripped: false });
  expect(await startedAt(id)).toBe(String(permit.kind === 'granted' && permit.startedAt));
});

test('a worker without the lock gets no permit and changes nothing', async () => {
  const [id = ''] = await rig.enqueue(queueOf('a'));
  const reserved = await rig.reserve(worker);
  const { scheduler, redis } = rig;
  const request = { ...queueOf('a'), deliveryId: id };
  expect(await scheduler.acquire({ ...request, lock: 'another' })).toEqual({ kind: 'lost' });
  await redis.del(`{sluice}:deliveries:${id}:lock`);
  expect(await scheduler.acquire({ ...request, lock: reserved?.lock ?? '' })).toEqual({ kind: 'lost' });
  expect(await startedAt(id)).toBeNull();
  expect(await redis.keys(rig.key('*'))).toEqual([]);
});

test('a request for a permit renews the lock, so that the API call can take the full lock duration', async () => {
  const [id = ''] = await rig.enqueue(queueOf('a'));
  const reserved = await rig.reserve(worker);
  const key = `{sluice}:deliveries:${id}:lock`;
  await rig.redis.pexpire(key, 5_000);
  await rig.scheduler.acquire({ ...queueOf('a'), deliveryId: id, lock: reserved?.lock ?? '' });
  expect(await rig.redis.pttl(key)).toBeGreaterThan(50_000);
});

test('a recorded attempt is in doubt until exactly that attempt is known to have left no event', async () => {
  await rig.enqueue(queueOf('a'));
  const { permit, id, lock } = await rig.acquire(worker);
  if (permit.kind !== 'granted') throw new Error(permit.kind);
  const request = { ...queueOf('a'), deliveryId: id, lock };
  await rig.redis.hset(`{sluice}:deliveries:${id}`, 'sl:events', 'evt_1 evt_2');
  const inDoubt = {
    ...{ kind: 'in_doubt', startedAt: permit.startedAt, age: expect.any(Number) },
    earlierEvents: ['evt_1', 'evt_2'],
  };
  expect(await rig.scheduler.acquire(request)).toEqual(inDoubt);
  expect(await rig.scheduler.acquire({ ...request, absentSince: permit.startedAt - 1 })).toEqual(inDoubt);
  const sent = await rig.scheduler.acquire({ ...request, absentSince: permit.startedAt });
  expect(sent.kind).toBe('granted');
  expect(await startedAt(id)).toBe(String(sent.kind === 'granted' && sent.startedAt));
});

test('the record of an attempt that left no event is cleared even if the permit is denied', async () => {
  await rig.enqueue(queueOf('a', { limit: 1 }));
  const { permit, id, lock } = await rig.acquire(worker);
  if (permit.kind !== 'granted') throw new Error(permit.kind);
  const request = { ...queueOf('a', { limit: 1 }), deliveryId: id, lock };
  expect((await rig.scheduler.acquire({ ...request, absentSince: permit.startedAt })).kind).toBe('paced');
  expect(await startedAt(id)).toBeNull();
});

test('a delivery that has to wait for calls in flight keeps its permit and asks again soon', async () => {
  const queue = queueOf('a', { limit: 1 });
  await rig.enqueue(queue, 2);
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

test('a delivery that has to wait long is parked, unless it has a permit', async () => {
  const queue = queueOf('a');
  const [id] = await rig.enqueue(queue);
  const parked = await rig.acquire(worker, { notBefore: 1_500 });
  expect(parked.permit.kind).toBe('paced');
  await rig.wait(parked);
  await dispatch(worker.getBackend());
  const asked = await rig.acquire(worker, { notBefore: 1_500 });
  expect(asked.permit).toEqual({ kind: 'later', until: expect.any(Number) });
  // Its permit is checked only after it is back.
  const checkAt = Number(await rig.redis.zscore(rig.key('turns'), `${id}:${queue.bot.id}`));
  expect(checkAt - Date.now()).toBeGreaterThan(2_500);
  await asked.job.moveToDelayed(Date.now(), asked.lock);
  const again = await rig.acquire(worker);
  expect([again.id, again.permit.kind]).toEqual([id, 'granted']);
});

test('clearAttempt clears the attempt that it names, and no later one', async () => {
  await rig.enqueue(queueOf('a'));
  const { permit, id } = await rig.acquire(worker);
  if (permit.kind !== 'granted') throw new Error(permit.kind);
  await rig.scheduler.clearAttempt(id, permit.startedAt - 1);
  expect(await startedAt(id)).not.toBeNull();
  await rig.scheduler.clearAttempt(id, permit.startedAt);
  expect(await startedAt(id)).toBeNull();
  await rig.scheduler.clearAttempt('dlv_gone', 1);
  expect(await rig.redis.exists('{sluice}:deliveries:dlv_gone')).toBe(0);
});

test('a delivery that is sent at once stores nothing except its bot’s tokens', async () => {
  await rig.enqueue(queueOf('a', { bot: 'b' }));
  await rig.acquire(worker);
  expect(await rig.redis.keys(rig.key('*'))).toEqual([rig.key('bot:b')]);
});

test('a paced delivery asks again after twice the time that its bot’s queue takes, plus a minute', async () => {
  await rig.enqueue(queueOf('a', { limit: 60 }), 23);
  for (let sent = 0; sent < 3; sent++) expect((await rig.acquire(worker)).permit.kind).toBe('granted');
  for (let parked = 0; parked < 19; parked++) await rig.park(worker);
  const { permit } = await rig.acquire(worker);
  // 19 wait for 58 tokens a minute.
  expect(permit).toMatchObject({ kind: 'paced' });
  const timeout = permit.kind === 'paced' ? permit.until - Date.now() : 0;
  expect(timeout).toBeGreaterThan(60_000 + 2 * 18_000);
  expect(timeout).toBeLessThan(60_000 + 2 * 20_000);
});

test('a full Redis still grants permits, parks and dispatches', async () => {
  await rig.enqueue(queueOf('a', { limit: 60 }), 6);
  // A full Redis loads no scripts, so they are loaded before.
  for (let sent = 0; sent < 3; sent++) await rig.acquire(worker);
  await rig.park(worker);
  await dispatch(worker.getBackend());
  const reserved = [await rig.reserve(worker), await rig.reserve(worker)];
  await rig.redis.config('SET', 'maxmemory', '1');
  await expect(rig.redis.set('x', 1)).rejects.toThrow('OOM');
  for (const one of reserved) {
    if (!one) throw new Error('No delivery waits.');
    const permit = await rig.scheduler.acquire({ ...one.job.data, deliveryId: one.id, lock: one.lock });
    await rig.wait({ ...one, permit });
  }
  await rig.age(60_000);
  expect((await dispatch(worker.getBackend())).issued).toBe(3);
});
