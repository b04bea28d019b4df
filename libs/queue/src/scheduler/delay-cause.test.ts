import { type RunningRedis, startRedis } from '@sluice/testing';
import { UnrecoverableError } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { dispatch } from './dispatcher.ts';
import { queueOf, type Reserved, type RigWorker, SchedulerRig } from './test-support/scheduler-rig.ts';
import type { Permit, Scheduler } from './types.ts';

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

/** The bot takes one event a minute, so that all after the first wait. */
const SLOW = queueOf('a', { limit: 1 });
const OPERATOR = { who: 'ops@desk', reason: 'a test' };
const GRANTED = { kind: 'granted', startedAt: expect.any(Number), isTripped: false };

const jobOf = (id: string) => `{sluice}:deliveries:${id}`;

/** Parks a delivery behind one that used the bot's only token, and moves the start of its wait 5 s into the past. */
async function parkPaced(isReplay = false): Promise<string> {
  await rig.enqueue(SLOW);
  await rig.acquire(worker);
  const [id = ''] = await rig.enqueue(SLOW);
  if (isReplay) await rig.redis.hset(jobOf(id), 'sl:replay', '');
  await rig.park(worker);
  await rig.redis.hincrby(jobOf(id), 'sl:lane', -5_000_000);
  return id;
}

/** Issues the permit of the waiting delivery and reserves it. */
async function reserveDispatched(by = worker): Promise<Reserved> {
  await rig.age(60_000);
  expect((await dispatch(by.getBackend())).issued).toBe(1);
  const reserved = await rig.reserve(by);
  if (!reserved) throw new Error('No delivery waits.');
  return reserved;
}

const acquire = ({ id, lock }: Reserved, by: Pick<Scheduler, 'acquire'> = rig.scheduler): Promise<Permit> =>
  by.acquire({ ...SLOW, deliveryId: id, lock });

/** Expects a wait of at least 5 s, and of less than a minute on a busy machine. */
function expectPaced(permit: Permit): void {
  const { pacedFor = Number.NaN } = permit.kind === 'granted' ? permit : {};
  expect(pacedFor).toBeGreaterThanOrEqual(5_000);
  expect(pacedFor).toBeLessThan(60_000);
}

test('a delivery that gets its permit at once is not delayed', async () => {
  await rig.enqueue(SLOW);
  expect((await rig.acquire(worker)).permit).toEqual(GRANTED);
});

test('a permit states how long its delivery waited for the bot’s limit', async () => {
  await parkPaced();
  const permit = await acquire(await reserveDispatched());
  expect(permit).toEqual({ ...GRANTED, delayedBy: 'queue', pacedFor: expect.any(Number) });
  expectPaced(permit);
});

test('a permit states the wait of a delivery that another process parked', async () => {
  const id = await parkPaced();
  await rig.stopWorkers();
  const other = await rig.openWorker();
  const reserved = await reserveDispatched(other);
  expect(reserved.id).toBe(id);
  const permit = await acquire(reserved, rig.openScheduler());
  expect(permit).toMatchObject({ ...GRANTED, delayedBy: 'queue' });
  expectPaced(permit);
});

test('later attempts know that their delivery waited, and do not state the wait again', async () => {
  await parkPaced();
  const reserved = await reserveDispatched();
  const first = await acquire(reserved);
  if (first.kind !== 'granted') throw new Error(first.kind);
  const inDoubt = { kind: 'in_doubt', startedAt: first.startedAt, age: expect.any(Number) };
  expect(await acquire(reserved)).toEqual({ ...inDoubt, delayedBy: 'queue' });
  await rig.scheduler.clearAttempt(reserved.id, first.startedAt);
  await reserved.job.moveToDelayed(Date.now() + 600_000, reserved.lock);
  await rig.age(60_000);
  await worker.getBackend().promote(reserved.id);
  expect((await rig.acquire(worker)).permit).toEqual({ ...GRANTED, delayedBy: 'queue' });
});

test('a wait for a held connection does not count as pacing', async () => {
  await rig.scheduler.pauseConnection('a', OPERATOR);
  await rig.enqueue(SLOW);
  await rig.park(worker);
  await rig.scheduler.resumeConnection('a', OPERATOR);
  expect(await acquire(await reserveDispatched())).toEqual({ ...GRANTED, delayedBy: 'queue' });
});

test('a wait of a fixed time does not count as one in the queue', async () => {
  await rig.enqueue(SLOW);
  const { id, job, lock, permit } = await rig.acquire(worker, { notBefore: 100 });
  expect(permit.kind).toBe('later');
  await job.moveToDelayed(Date.now() + 600_000, lock);
  await worker.getBackend().promote(id);
  expect((await rig.acquire(worker)).permit).toEqual(GRANTED);
});

test('a replayed delivery is delayed by its replay, and its position adds nothing to its wait', async () => {
  const [id = ''] = await rig.enqueue(SLOW);
  await rig.redis.hset(jobOf(id), 'sl:replay', 'rpl_1');
  expect((await rig.acquire(worker)).permit).toEqual({ ...GRANTED, delayedBy: 'replay' });
  await rig.redis.flushall();
  await parkPaced(true);
  const permit = await acquire(await reserveDispatched());
  expect(permit).toMatchObject({ ...GRANTED, delayedBy: 'replay' });
  expectPaced(permit);
});

test('a replay forgets the wait of a delivery that died with its permit unused', async () => {
  const id = await parkPaced();
  const reserved = await reserveDispatched();
  await reserved.job.moveToFailed(new UnrecoverableError('no'), reserved.lock, false);
  expect(await worker.getBackend().replay(id, '')).toBe(true);
  expect((await rig.acquire(worker)).permit).toEqual({ ...GRANTED, delayedBy: 'replay' });
});

test('a delivery that an earlier build parked has waited, for a reason that is not known', async () => {
  const id = await parkPaced();
  await rig.redis.hdel(jobOf(id), 'sl:waited');
  expect(await acquire(await reserveDispatched())).toEqual({ ...GRANTED, delayedBy: 'queue' });
});
