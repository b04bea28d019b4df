import { type RunningRedis, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ConnectionQueue } from '../records/outcome.ts';
import { dispatch } from './dispatcher.ts';
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

/** 60 events a minute, 3 at once. */
const LIMIT = 60;
const shared = (connection: string, share = 1) => queueOf(connection, { bot: 'shared', limit: LIMIT, share });

/** Enqueues deliveries and parks them, except those for which a token was added meanwhile. */
async function park(queue: ConnectionQueue, count: number): Promise<void> {
  await rig.enqueue(queue, count);
  for (let parked = 0; parked < count; parked++) {
    const asked = await rig.acquire(worker);
    if (asked.permit.kind !== 'granted') await rig.wait(asked);
  }
}

/** Advances the scheduler by a second, and returns the connections whose events were sent in it. */
async function oneSecond(): Promise<string[]> {
  await rig.age(1_000);
  await dispatch(worker.getBackend());
  const sent: string[] = [];
  for (let reserved = await rig.reserve(worker); reserved; reserved = await rig.reserve(worker)) {
    const permit = await rig.scheduler.acquire({
      ...reserved.job.data,
      deliveryId: reserved.id,
      lock: reserved.lock,
    });
    expect(permit.kind).toBe('granted');
    sent.push(reserved.job.data.connection);
  }
  return sent;
}

async function sendFor(seconds: number): Promise<string[]> {
  const sent: string[] = [];
  for (let second = 0; second < seconds; second++) sent.push(...(await oneSecond()));
  return sent;
}

const countOf = (sent: readonly string[], connection: string) =>
  sent.filter((one) => one === connection).length;

/** Uses the tokens of an idle bot. */
async function useUp(): Promise<void> {
  await rig.enqueue(shared('first'), 3);
  for (let sent = 0; sent < 3; sent++) expect((await rig.acquire(worker)).permit.kind).toBe('granted');
}

test.each([
  ['1 to 1', 1, 1, 30],
  ['3 to 1', 3, 1, 45],
  ['1 to 0.5', 1, 0.5, 40],
])('connections share a bot %s, at any time', async (_name, ofA, ofB, expected) => {
  await useUp();
  await park(shared('a', ofA), 80);
  await park(shared('b', ofB), 80);
  const sent = await sendFor(62);
  expect(sent.length).toBeGreaterThanOrEqual(58);
  expect(sent.length).toBeLessThanOrEqual(62);
  expect(
    Math.abs(countOf(sent.slice(0, 60), 'a') - (expected * Math.min(60, sent.length)) / 60),
  ).toBeLessThan(2);
  // Interleaved, not one connection after the other.
  expect(Math.abs(countOf(sent.slice(0, 20), 'a') - expected / 3)).toBeLessThan(2);
});

test('a single event is served first or second, regardless of the length of other queues', async () => {
  await useUp();
  await park(shared('bulk'), 5_000);
  await sendFor(5);
  for (let event = 0; event < 5; event++) {
    await park(shared('single'), 1);
    const sent = await sendFor(4);
    expect(sent.indexOf('single')).toBeGreaterThanOrEqual(0);
    expect(sent.indexOf('single')).toBeLessThanOrEqual(1);
  }
}, 60_000);

test('a connection gains nothing by being idle, or by leaving and entering the queue', async () => {
  await useUp();
  await park(shared('steady'), 200);
  await sendFor(60);
  // It was idle until now, and gets its half and no more.
  await park(shared('late'), 60);
  expect(Math.abs(countOf(await sendFor(20), 'late') - 10)).toBeLessThan(2);
  // A connection that always has one event waits as long for the next one as other connections.
  await rig.redis.flushall();
  await useUp();
  await park(shared('steady'), 100);
  const sent: string[] = [];
  for (let second = 0; second < 40; second++) {
    if ((await rig.redis.exists(rig.key('lane:trickle'))) === 0) await park(shared('trickle'), 1);
    sent.push(...(await oneSecond()));
  }
  expect(Math.abs(countOf(sent, 'trickle') - sent.length / 2)).toBeLessThan(2);
});

test('two thousand bots with waiting deliveries do not wait for each other', async () => {
  const bots = Array.from({ length: 2_000 }, (_, bot) => queueOf(`c${bot}`, { limit: 1 }));
  for (const one of bots) await rig.enqueue(one, 2);
  for (const _ of bots) {
    await rig.acquire(worker);
    await rig.park(worker);
  }
  await rig.age(60_000);
  let sent = 0;
  for (let call = 0; call < 10; call++) {
    expect((await dispatch(worker.getBackend())).issued).toBe(200);
    for (let reserved = await rig.reserve(worker); reserved; reserved = await rig.reserve(worker)) {
      const permit = await rig.scheduler.acquire({
        ...reserved.job.data,
        deliveryId: reserved.id,
        lock: reserved.lock,
      });
      if (permit.kind === 'granted') sent++;
    }
  }
  expect(sent).toBe(2_000);
}, 60_000);
