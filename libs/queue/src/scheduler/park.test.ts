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

/** A bot that sends one event a minute, so that what comes after the first waits. */
const slow = (connection: string, bot = 'slow') => queueOf(connection, { bot, limit: 1 });

/** Uses the one token of a bot of one event a minute. */
async function useUp(connection: string, bot = 'slow'): Promise<void> {
  await rig.enqueue(slow(connection, bot));
  expect((await rig.acquire(worker)).permit.kind).toBe('granted');
}

const waiting = (connection: string) => rig.redis.zrange(rig.key(`lane:${connection}`), '0', '-1');
const give = async () => (await dispatch(worker.getBackend())).issued;

/** Who gets the next permit and takes it, if anybody. */
async function next(): Promise<string | undefined> {
  await give();
  const taken = await rig.reserve(worker);
  if (!taken) return undefined;
  const permit = await rig.scheduler.acquire({ ...taken.job.data, deliveryId: taken.id, lock: taken.lock });
  expect(permit.kind).toBe('granted');
  return taken.id;
}

describe('delayInLane', () => {
  test('puts a delivery into delayed and into its lane, and costs no attempt', async () => {
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
    ['is another’s by now', (id: string) => rig.redis.set(`{sluice}:deliveries:${id}:lock`, 'x'), /mismatch/],
    ['has run out', (id: string) => rig.redis.del(`{sluice}:deliveries:${id}:lock`), /Missing lock/],
    ['is of what is gone', (id: string) => rig.redis.del(`{sluice}:deliveries:${id}`), /Missing key/],
  ])('does nothing, and throws as BullMQ does, if the lock %s', async (_why, lose, error) => {
    const [id = ''] = await rig.enqueue(slow('a'));
    const taken = await rig.reserve(worker);
    await lose(id);
    const request = { ...slow('a'), deliveryId: id, lock: taken?.lock ?? '', until: Date.now() + 60_000 };
    await expect(park(worker.getBackend(), request)).rejects.toThrow(error);
    expect(await rig.redis.keys(rig.key('*'))).toEqual([]);
    expect(await rig.queue.getDelayedCount()).toBe(0);
  });

  test('a net that lies in the past is held a second away', async () => {
    const [id = ''] = await rig.enqueue(slow('a'));
    const taken = await rig.reserve(worker);
    const request = { ...slow('a'), deliveryId: id, lock: taken?.lock ?? '', until: Date.now() - 600_000 };
    await park(worker.getBackend(), request);
    expect((await rig.queue.getJob(id))?.delay).toBe(1_000);
  });
});

describe('a lane', () => {
  test('is served in the order of arrival; what falls into the net keeps its place', async () => {
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

  test('serves what is replayed after all that is live, whenever that came', async () => {
    await useUp('a');
    const ids = await rig.enqueue(slow('a'), 4);
    const [first = '', second = '', ...live] = ids;
    for (const replayed of [first, second])
      await rig.redis.hset(`{sluice}:deliveries:${replayed}`, 'sl:replay', 1);
    for (const _ of ids) await rig.park(worker);
    expect(await waiting('a')).toEqual([...live, first, second]);
  });

  test('whose connection has another bot by now moves there, whole', async () => {
    await useUp('a');
    const ids = await rig.enqueue(slow('a'), 3);
    for (const _ of ids) await rig.park(worker);
    await useUp('b', 'other');
    await worker.getBackend().promote(ids[1] ?? '');
    const taken = await rig.reserve(worker);
    if (!taken) throw new Error('nothing waits');
    const moved = { ...taken, job: Object.assign(taken.job, { data: slow('a', 'other') }) };
    const permit = await rig.scheduler.acquire({
      ...slow('a', 'other'),
      deliveryId: taken.id,
      lock: taken.lock,
    });
    await rig.wait({ ...moved, permit });
    expect(await rig.redis.exists(rig.key('lanes:slow'))).toBe(0);
    expect(await rig.redis.zrange(rig.key('lanes:other'), '0', '-1')).toEqual(['a']);
    expect(await rig.redis.hmget(rig.key('bot:other'), 'waiting')).toEqual(['3']);
    expect(await rig.redis.hmget(rig.key('bot:slow'), 'waiting')).toEqual(['0']);
    expect(await waiting('a')).toEqual(ids);
  });

  test('is served by the limit that its bot has by now', async () => {
    await useUp('a');
    await rig.enqueue(slow('a'), 3);
    for (let parked = 0; parked < 3; parked++) await rig.park(worker);
    expect(await give()).toBe(0);
    const [id = ''] = await rig.queue.getDelayed().then((jobs) => jobs.map((job) => job.id));
    await worker.getBackend().promote(id ?? '');
    const asked = await rig.acquire(worker);
    const data = queueOf('a', { bot: 'slow', limit: 600 });
    await rig.wait({ ...asked, job: Object.assign(asked.job, { data }) });
    await rig.age(200);
    expect(await give()).toBeGreaterThan(0);
  });

  test('passes over what was erased, or ended otherwise, without a token', async () => {
    await useUp('a');
    const ids = await rig.enqueue(slow('a'), 60);
    for (const _ of ids) await rig.park(worker);
    for (const id of ids.slice(0, 59)) await rig.queue.remove(id);
    await rig.age(60_000);
    expect(await next()).toBe(ids[59]);
    expect(await rig.redis.keys(rig.key('lane*'))).toEqual([]);
  });

  test('passes over what died before it asked', async () => {
    await useUp('a');
    const [dead = '', living = ''] = await rig.enqueue(slow('a'), 2);
    await rig.park(worker);
    await rig.park(worker);
    await worker.getBackend().promote(dead);
    const taken = await rig.reserve(worker);
    await taken?.job.moveToCompleted({}, taken.lock, false);
    await rig.age(60_000);
    expect(await next()).toBe(living);
  });
});

describe('a permit', () => {
  test('makes a delivery the first of all, and what it was before comes back when it is sent', async () => {
    await useUp('a');
    const [id = ''] = await rig.enqueue(slow('a'));
    await rig.park(worker);
    await rig.enqueue(queueOf('z'), 10);
    await rig.age(60_000);
    expect(await give()).toBe(1);
    const priority = () => rig.redis.hget(`{sluice}:deliveries:${id}`, 'priority');
    expect(await priority()).toBe('1');
    expect((await rig.acquire(worker)).id).toBe(id);
    expect(await priority()).toBe('10');
    const left = await rig.redis.hmget(`{sluice}:deliveries:${id}`, 'sl:lane', 'sl:turn', 'sl:priority');
    expect(left).toEqual([null, null, null]);
  });

  test('is given once, however many ask for turns', async () => {
    await useUp('a');
    await rig.enqueue(slow('a'), 5);
    for (let parked = 0; parked < 5; parked++) await rig.park(worker);
    await rig.age(60_000);
    const other = await rig.openWorker();
    const all = await Promise.all([worker, other, worker, other].map((one) => dispatch(one.getBackend())));
    expect(all.reduce((sum, { issued }) => sum + issued, 0)).toBe(1);
  });

  test('has its token reserved: another delivery of the bot does not get it', async () => {
    await useUp('a');
    await rig.enqueue(slow('a'));
    await rig.park(worker);
    await rig.age(60_000);
    await give();
    const owner = await rig.reserve(worker);
    await rig.enqueue(slow('b'));
    expect((await rig.acquire(worker)).permit.kind).toBe('paced');
    if (!owner) throw new Error('nobody has the permit');
    const request = { ...slow('a'), deliveryId: owner.id, lock: owner.lock };
    expect((await rig.scheduler.acquire(request)).kind).toBe('granted');
  });

  test('that nobody can take frees its token at the next look', async () => {
    await useUp('a');
    const [first = '', second = ''] = await rig.enqueue(slow('a'), 2);
    await rig.park(worker);
    await rig.park(worker);
    await rig.age(60_000);
    await give();
    await rig.queue.remove(first);
    await rig.age(1_000);
    expect(await next()).toBeUndefined();
    await rig.age(1_000);
    expect(await next()).toBe(second);
  });

  test('of a delivery that is put off for another reason does not bring it back', async () => {
    await useUp('a');
    const [id = ''] = await rig.enqueue(slow('a'));
    await rig.park(worker);
    await rig.age(60_000);
    await give();
    const taken = await rig.reserve(worker);
    await taken?.job.moveToDelayed(Date.now() + 3_600_000, taken.lock);
    await rig.age(2_000);
    expect(await give()).toBe(0);
    expect(await rig.queue.getJobState(id)).toBe('delayed');
    expect(await rig.redis.exists(rig.key('turns'), rig.key('turns:slow'))).toBe(0);
  });

  test('is void after a minute; its delivery waits again, in its place', async () => {
    await useUp('a');
    const ids = await rig.enqueue(slow('a'), 2);
    await rig.park(worker);
    await rig.park(worker);
    await rig.age(60_000);
    await give();
    await rig.age(61_000);
    const late = await rig.acquire(worker);
    expect(late.permit.kind).toBe('paced');
    await rig.wait(late);
    expect(await waiting('a')).toEqual(ids);
    expect(await next()).toBe(ids[0]);
  });

  test('that comes while its delivery is on the way from the net is not lost', async () => {
    await useUp('a');
    const [id = ''] = await rig.enqueue(slow('a'));
    await rig.park(worker);
    await worker.getBackend().promote(id);
    const asked = await rig.acquire(worker);
    expect(asked.permit.kind).toBe('paced');
    await rig.age(60_000);
    expect(await give()).toBe(1);
    await rig.wait(asked);
    expect(await next()).toBe(id);
  });

  test('of an outage’s backlog does not come with all others: a bucket full, whatever the time', async () => {
    const lane = queueOf('a', { limit: 60 });
    await rig.enqueue(lane, 13);
    for (let sent = 0; sent < 3; sent++) expect((await rig.acquire(worker)).permit.kind).toBe('granted');
    for (let parked = 0; parked < 10; parked++) await rig.park(worker);
    await rig.age(3_600_000);
    expect(await give()).toBe(3);
    await rig.age(30_000);
    expect(await give()).toBe(0);
    expect(await rig.queue.getDelayedCount()).toBe(7);
  });

  test('is not given while 500 of all bots have not been taken', async () => {
    for (let bot = 0; bot < 60; bot++) {
      await rig.enqueue(queueOf(`c${bot}`, { limit: 200 }), 20);
      for (let sent = 0; sent < 10; sent++) await rig.acquire(worker);
      for (let parked = 0; parked < 10; parked++) await rig.park(worker);
    }
    await rig.age(60_000);
    expect([await give(), await give(), await give(), await give()]).toEqual([200, 200, 100, 0]);
    for (let taken = 0; taken < 40; taken++) expect((await rig.acquire(worker)).permit.kind).toBe('granted');
    expect(await give()).toBe(40);
  });
});
