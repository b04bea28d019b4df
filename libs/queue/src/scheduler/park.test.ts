import { type RunningRedis, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dispatch } from './dispatcher.ts';
import { park } from './park.ts';
import { queueOf, type RigWorker, SchedulerRig } from './test-support/scheduler-rig.ts';

let server: RunningRedis;
let rig: SchedulerRig;
let worker: RigWorker;

beforeAll(async () => {
  server = await startRedis({ own: true, args: ['--appendonly', 'no'] });
  rig = new SchedulerRig(server.url);
});

beforeEach(async () => {
  worker = await rig.openWorker();
});

afterEach(async () => {
  await rig.stopWorkers();
  await rig.redis.flushall();
});

afterAll(async () => {
  await rig.close();
  await server.stop();
});

/** The queue of a connection whose bot takes one event a minute, so that all after the first wait. */
const slow = (connection: string, bot = 'slow') => queueOf(connection, { bot, limit: 1 });

/** Uses the only token of such a bot. */
async function useUp(connection: string, bot = 'slow'): Promise<void> {
  await rig.enqueue(slow(connection, bot));
  expect((await rig.acquire(worker)).permit.kind).toBe('granted');
}

const waiting = (connection: string) => rig.redis.zrange(rig.key(`lane:${connection}`), '0', '-1');
const issuePermits = async () => (await dispatch(worker.getBackend())).issued;

/** Issues permits, and returns the delivery that gets and uses one. */
async function next(): Promise<string | undefined> {
  await issuePermits();
  const reserved = await rig.reserve(worker);
  if (!reserved) return undefined;
  const permit = await rig.scheduler.acquire({
    ...reserved.job.data,
    deliveryId: reserved.id,
    lock: reserved.lock,
  });
  expect(permit.kind).toBe('granted');
  return reserved.id;
}

describe('park', () => {
  test('delays a delivery and adds it to its connection’s queue, without costing an attempt', async () => {
    await useUp('a');
    const [id = ''] = await rig.enqueue(slow('a'));
    const asked = await rig.acquire(worker);
    const until = Date.now() + 3_600_000;
    await park(worker.getBackend(), { ...slow('a'), deliveryId: id, lock: asked.lock, until });
    expect(await rig.queue.getJobState(id)).toBe('delayed');
    const job = await rig.queue.getJob(id);
    expect(job?.attemptsMade).toBe(0);
    expect(job?.delay).toBeGreaterThan(3_590_000);
    expect(await waiting('a')).toEqual([id]);
  });

  test.each([
    [
      'belongs to another worker',
      (id: string) => rig.redis.set(`{sluice}:deliveries:${id}:lock`, 'x'),
      /mismatch/,
    ],
    ['has expired', (id: string) => rig.redis.del(`{sluice}:deliveries:${id}:lock`), /Missing lock/],
    ['is of a deleted job', (id: string) => rig.redis.del(`{sluice}:deliveries:${id}`), /Missing key/],
  ])('changes nothing and throws BullMQ’s error if the lock %s', async (_why, lose, error) => {
    const [id = ''] = await rig.enqueue(slow('a'));
    const reserved = await rig.reserve(worker);
    await lose(id);
    const request = { ...slow('a'), deliveryId: id, lock: reserved?.lock ?? '', until: Date.now() + 60_000 };
    await expect(park(worker.getBackend(), request)).rejects.toThrow(error);
    expect(await rig.redis.keys(rig.key('*'))).toEqual([]);
    expect(await rig.queue.getDelayedCount()).toBe(0);
  });

  test('delays a delivery with a time in the past by a second', async () => {
    const [id = ''] = await rig.enqueue(slow('a'));
    const reserved = await rig.reserve(worker);
    const request = { ...slow('a'), deliveryId: id, lock: reserved?.lock ?? '', until: Date.now() - 600_000 };
    await park(worker.getBackend(), request);
    expect((await rig.queue.getJob(id))?.delay).toBe(1_000);
  });
});

describe('the queue of a connection', () => {
  test('is served in order of arrival, and a delivery that times out keeps its position', async () => {
    await useUp('a');
    const ids = await rig.enqueue(slow('a'), 3);
    for (const _ of ids) await rig.park(worker);
    await worker.getBackend().promote(ids[0] ?? '');
    await rig.park(worker);
    expect(await waiting('a')).toEqual(ids);
    for (const id of ids) {
      await rig.age(60_000);
      expect(await next()).toBe(id);
      expect(await next()).toBeUndefined();
    }
  });

  test('serves replayed deliveries after all live ones, regardless of their time of arrival', async () => {
    await useUp('a');
    const ids = await rig.enqueue(slow('a'), 4);
    const [first = '', second = '', ...live] = ids;
    for (const replayed of [first, second])
      await rig.redis.hset(`{sluice}:deliveries:${replayed}`, 'sl:replay', 1);
    for (const _ of ids) await rig.park(worker);
    expect(await waiting('a')).toEqual([...live, first, second]);
  });

  test('moves to another bot together with its connection', async () => {
    await useUp('a');
    const ids = await rig.enqueue(slow('a'), 3);
    for (const _ of ids) await rig.park(worker);
    await useUp('b', 'other');
    await worker.getBackend().promote(ids[1] ?? '');
    const reserved = await rig.reserve(worker);
    if (!reserved) throw new Error('No delivery waits.');
    const moved = { ...reserved, job: Object.assign(reserved.job, { data: slow('a', 'other') }) };
    const permit = await rig.scheduler.acquire({
      ...slow('a', 'other'),
      deliveryId: reserved.id,
      lock: reserved.lock,
    });
    await rig.wait({ ...moved, permit });
    expect(await rig.redis.exists(rig.key('lanes:slow'))).toBe(0);
    expect(await rig.redis.zrange(rig.key('lanes:other'), '0', '-1')).toEqual(['a']);
    expect(await rig.redis.hmget(rig.key('bot:other'), 'waiting')).toEqual(['3']);
    expect(await rig.redis.hmget(rig.key('bot:slow'), 'waiting')).toEqual(['0']);
    expect(await waiting('a')).toEqual(ids);
  });

  test('is served by the current limit of its bot', async () => {
    await useUp('a');
    await rig.enqueue(slow('a'), 3);
    for (let parked = 0; parked < 3; parked++) await rig.park(worker);
    expect(await issuePermits()).toBe(0);
    const [id = ''] = await rig.queue.getDelayed().then((jobs) => jobs.map((job) => job.id));
    await worker.getBackend().promote(id ?? '');
    const asked = await rig.acquire(worker);
    const data = queueOf('a', { bot: 'slow', limit: 600 });
    await rig.wait({ ...asked, job: Object.assign(asked.job, { data }) });
    await rig.age(200);
    expect(await issuePermits()).toBeGreaterThan(0);
  });

  test('skips erased and finished deliveries without using a token', async () => {
    await useUp('a');
    const ids = await rig.enqueue(slow('a'), 60);
    for (const _ of ids) await rig.park(worker);
    for (const id of ids.slice(0, 59)) await rig.queue.remove(id);
    await rig.age(60_000);
    expect(await next()).toBe(ids[59]);
    expect(await rig.redis.keys(rig.key('lane*'))).toEqual([]);
  });

  test('skips a delivery that finished after it timed out', async () => {
    await useUp('a');
    const [dead = '', living = ''] = await rig.enqueue(slow('a'), 2);
    await rig.park(worker);
    await rig.park(worker);
    await worker.getBackend().promote(dead);
    const reserved = await rig.reserve(worker);
    await reserved?.job.moveToCompleted({}, reserved.lock, false);
    await rig.age(60_000);
    expect(await next()).toBe(living);
  });
});

describe('a permit', () => {
  test('moves a delivery to the front, and its priority is restored when it is sent', async () => {
    await useUp('a');
    const [id = ''] = await rig.enqueue(slow('a'));
    await rig.park(worker);
    await rig.enqueue(queueOf('z'), 10);
    await rig.age(60_000);
    expect(await issuePermits()).toBe(1);
    const priority = () => rig.redis.hget(`{sluice}:deliveries:${id}`, 'priority');
    expect(await priority()).toBe('1');
    expect((await rig.acquire(worker)).id).toBe(id);
    expect(await priority()).toBe('10');
    const left = await rig.redis.hmget(`{sluice}:deliveries:${id}`, 'sl:lane', 'sl:turn', 'sl:priority');
    expect(left).toEqual([null, null, null]);
  });

  test('is issued once, regardless of the number of dispatchers', async () => {
    await useUp('a');
    await rig.enqueue(slow('a'), 5);
    for (let parked = 0; parked < 5; parked++) await rig.park(worker);
    await rig.age(60_000);
    const other = await rig.openWorker();
    const all = await Promise.all([worker, other, worker, other].map((one) => dispatch(one.getBackend())));
    expect(all.reduce((sum, { issued }) => sum + issued, 0)).toBe(1);
  });

  test('reserves a token, which no other delivery of the bot gets', async () => {
    await useUp('a');
    await rig.enqueue(slow('a'));
    await rig.park(worker);
    await rig.age(60_000);
    await issuePermits();
    const owner = await rig.reserve(worker);
    await rig.enqueue(slow('b'));
    expect((await rig.acquire(worker)).permit.kind).toBe('paced');
    if (!owner) throw new Error('No delivery has the permit.');
    const request = { ...slow('a'), deliveryId: owner.id, lock: owner.lock };
    expect((await rig.scheduler.acquire(request)).kind).toBe('granted');
  });

  test('frees its token at the next check if its delivery is gone', async () => {
    await useUp('a');
    const [first = '', second = ''] = await rig.enqueue(slow('a'), 2);
    await rig.park(worker);
    await rig.park(worker);
    await rig.age(60_000);
    await issuePermits();
    await rig.queue.remove(first);
    await rig.age(1_000);
    expect(await next()).toBeUndefined();
    await rig.age(1_000);
    expect(await next()).toBe(second);
  });

  test('does not promote a delivery that was delayed for another reason', async () => {
    await useUp('a');
    const [id = ''] = await rig.enqueue(slow('a'));
    await rig.park(worker);
    await rig.age(60_000);
    await issuePermits();
    const reserved = await rig.reserve(worker);
    await reserved?.job.moveToDelayed(Date.now() + 3_600_000, reserved.lock);
    await rig.age(2_000);
    expect(await issuePermits()).toBe(0);
    expect(await rig.queue.getJobState(id)).toBe('delayed');
    expect(await rig.redis.exists(rig.key('turns'), rig.key('turns:slow'))).toBe(0);
  });

  test('is void after a minute, and its delivery waits again in its position', async () => {
    await useUp('a');
    const ids = await rig.enqueue(slow('a'), 2);
    await rig.park(worker);
    await rig.park(worker);
    await rig.age(60_000);
    await issuePermits();
    await rig.age(61_000);
    const late = await rig.acquire(worker);
    expect(late.permit.kind).toBe('paced');
    await rig.wait(late);
    expect(await waiting('a')).toEqual(ids);
    expect(await next()).toBe(ids[0]);
  });

  test('that is issued while its delivery asks again is not lost', async () => {
    await useUp('a');
    const [id = ''] = await rig.enqueue(slow('a'));
    await rig.park(worker);
    await worker.getBackend().promote(id);
    const asked = await rig.acquire(worker);
    expect(asked.permit.kind).toBe('paced');
    await rig.age(60_000);
    expect(await issuePermits()).toBe(1);
    await rig.wait(asked);
    expect(await next()).toBe(id);
  });

  test('is issued for one full bucket after an outage of any length', async () => {
    const queue = queueOf('a', { limit: 60 });
    await rig.enqueue(queue, 13);
    for (let sent = 0; sent < 3; sent++) expect((await rig.acquire(worker)).permit.kind).toBe('granted');
    for (let parked = 0; parked < 10; parked++) await rig.park(worker);
    await rig.age(3_600_000);
    expect(await issuePermits()).toBe(3);
    await rig.age(30_000);
    expect(await issuePermits()).toBe(0);
    expect(await rig.queue.getDelayedCount()).toBe(7);
  });

  test('is not issued while 500 permits of all bots are unused', async () => {
    for (let bot = 0; bot < 60; bot++) {
      await rig.enqueue(queueOf(`c${bot}`, { limit: 200 }), 20);
      for (let sent = 0; sent < 10; sent++) await rig.acquire(worker);
      for (let parked = 0; parked < 10; parked++) await rig.park(worker);
    }
    await rig.age(60_000);
    expect([await issuePermits(), await issuePermits(), await issuePermits(), await issuePermits()]).toEqual([
      200, 200, 100, 0,
    ]);
    for (let reserved = 0; reserved < 40; reserved++)
      expect((await rig.acquire(worker)).permit.kind).toBe('granted');
    expect(await issuePermits()).toBe(40);
  });
});
