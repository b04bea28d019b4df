import { type RunningRedis, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { dispatch } from './dispatcher.ts';
import { queueOf, type RigWorker, SchedulerRig } from './test-support/scheduler-rig.ts';

let server: RunningRedis;
let rig: SchedulerRig;
let worker: RigWorker;

beforeAll(async () => {
  server = await startRedis({ own: true });
  rig = new SchedulerRig(server.url, { probeAfter: 30_000 });
});

beforeEach(async () => {
  worker = await rig.openWorker();
});

afterEach(async () => {
  await rig.stopWorkers();
  await rig.redis.flushall();
  rig.sent.length = 0;
});

afterAll(async () => {
  await rig.close();
  await server.stop();
});

const refusal = { kind: 'bot', reason: '401 Unauthorized', limit: 3 } as const;
const rejection = { kind: 'event', reason: '400 InvalidPayload', limit: 20 } as const;
const me = { who: 'me@here', reason: 'maintenance' };

/** Opens the circuit of a connection. */
async function refuse(connection = 'a'): Promise<void> {
  for (let failures = 1; failures <= 3; failures++) await rig.scheduler.recordFailure(connection, refusal);
}

const ask = async () => (await rig.acquire(worker)).permit;
const issuePermits = async () => (await dispatch(worker.getBackend())).issued;
const waiting = (connection: string) => rig.redis.zcard(rig.key(`lane:${connection}`));

/** Returns the entries of the audit stream, oldest first. */
async function audit(): Promise<Record<string, string>[]> {
  const lines = await rig.redis.xrange('{sluice}:audit', '-', '+');
  return lines.map(([, fields]) =>
    Object.fromEntries(
      fields.flatMap((field, index) => (index % 2 === 0 ? [[field, fields[index + 1] ?? '']] : [])),
    ),
  );
}

describe('failures of a connection', () => {
  test('open its circuit at the third in a row, once', async () => {
    expect(await rig.scheduler.recordFailure('a', refusal)).toEqual({ held: false, now: false });
    expect(await rig.scheduler.recordFailure('a', refusal)).toEqual({ held: false, now: false });
    expect(await rig.scheduler.heldConnections()).toEqual([]);
    expect(await rig.scheduler.recordFailure('a', refusal)).toEqual({ held: true, now: true });
    expect(await rig.scheduler.recordFailure('a', { ...refusal, reason: '403 Forbidden' })).toEqual({
      held: true,
      now: false,
    });
    const [hold] = await rig.scheduler.heldConnections();
    const expected = { connection: 'a', by: 'refusals', reason: '403 Forbidden', waiting: 0 };
    expect(hold).toEqual({ ...expected, since: expect.any(Number), probeAt: (hold?.since ?? 0) + 30_000 });
    expect(await audit()).toEqual([
      {
        action: 'hold',
        connection: 'a',
        by: 'refusals',
        who: '',
        reason: '401 Unauthorized',
        at: String(hold?.since),
      },
    ]);
  });

  test('do not add up if an event was created between them', async () => {
    await rig.scheduler.recordFailure('a', refusal);
    await rig.scheduler.recordFailure('a', refusal);
    await rig.enqueue(queueOf('a'));
    expect(await ask()).toMatchObject({ kind: 'granted', isTripped: true });
    expect(await rig.scheduler.recordSuccess('a')).toBe(false);
    await rig.enqueue(queueOf('a'));
    expect(await ask()).toMatchObject({ kind: 'granted', isTripped: false });
    await rig.scheduler.recordFailure('a', refusal);
    expect(await rig.scheduler.recordFailure('a', refusal)).toEqual({ held: false, now: false });
  });

  test('count bot and events separately, and a refused event resets the count of the bot', async () => {
    for (let failures = 1; failures <= 19; failures++) {
      expect((await rig.scheduler.recordFailure('a', rejection)).held).toBe(false);
      if (failures % 5 === 0) expect((await rig.scheduler.recordFailure('a', refusal)).held).toBe(false);
    }
    expect(await rig.scheduler.recordFailure('a', rejection)).toEqual({ held: true, now: true });
  });

  test('do not open the circuit of another connection of the same bot', async () => {
    await refuse('a');
    await rig.enqueue(queueOf('b', { bot: 'bot-of-a' }));
    expect((await ask()).kind).toBe('granted');
  });
});

describe('a held connection', () => {
  test('grants no permits, and its deliveries wait without an attempt', async () => {
    await refuse();
    const [id = ''] = await rig.enqueue(queueOf('a'));
    const asked = await rig.acquire(worker);
    expect(asked.permit).toEqual({
      ...{ kind: 'held', until: expect.any(Number), cause: 'refusals', reason: '401 Unauthorized' },
      status: 401,
    });
    expect(asked.permit.kind === 'held' && asked.permit.until - Date.now()).toBeGreaterThan(3_500_000);
    await rig.wait(asked);
    expect((await rig.queue.getJob(id))?.attemptsMade).toBe(0);
    expect((await rig.scheduler.heldConnections())[0]?.waiting).toBe(1);
    await rig.age(29_000);
    expect(await issuePermits()).toBe(0);
  });

  test('leaves the fair queue of its bot, so that other connections continue', async () => {
    const slow = (connection: string) => queueOf(connection, { bot: 'slow', limit: 1 });
    await rig.enqueue(slow('a'), 3);
    await ask();
    await rig.park(worker);
    await rig.park(worker);
    await rig.enqueue(slow('b'));
    const behind = await rig.park(worker);
    await refuse('a');
    await rig.age(60_000);
    // A probe would take the token; here it is not due yet.
    await rig.redis.hset(rig.key('connection:a'), 'probeAt', Date.now() + 60_000);
    expect(await issuePermits()).toBe(1);
    const asked = await rig.acquire(worker);
    expect([asked.id, asked.permit.kind]).toEqual([behind, 'granted']);
  });

  test('revokes permits that were issued before', async () => {
    await rig.enqueue(queueOf('a', { limit: 1 }), 2);
    await ask();
    await rig.park(worker);
    await rig.age(60_000);
    expect(await issuePermits()).toBe(1);
    await refuse();
    expect((await ask()).kind).toBe('held');
    expect(await rig.redis.exists(rig.key('turns:bot-of-a'), rig.key('turns'))).toBe(0);
  });

  test('is probed by one waiting delivery, at intervals that double up to ten times the first', async () => {
    await refuse();
    await rig.enqueue(queueOf('a'), 20);
    for (let parked = 0; parked < 20; parked++) await rig.park(worker);
    for (const wait of [30, 60, 120, 240, 300, 300]) {
      await rig.age((wait - 2) * 1_000);
      expect(await issuePermits()).toBe(0);
      await rig.age(2_000);
      expect(await issuePermits()).toBe(1);
      expect(await issuePermits()).toBe(0);
      const asked = await rig.acquire(worker);
      if (asked.permit.kind !== 'granted') throw new Error(asked.permit.kind);
      expect(asked.permit.isTripped).toBe(true);
      await rig.scheduler.clearAttempt(asked.id, asked.permit.startedAt);
      expect(await rig.scheduler.recordFailure('a', refusal)).toEqual({ held: true, now: false });
      await rig.wait({
        ...asked,
        permit: { kind: 'held', until: Date.now() + 3_600_000, cause: 'refusals', reason: '' },
      });
    }
    expect(await waiting('a')).toBe(20);
  });

  test('is probed by a new delivery if none waits, one at a time', async () => {
    await refuse();
    await rig.age(30_000);
    expect(await issuePermits()).toBe(0);
    await rig.enqueue(queueOf('a'), 2);
    expect((await ask()).kind).toBe('granted');
    expect((await ask()).kind).toBe('held');
  });

  test('is probed again if the first probe was lost', async () => {
    await refuse();
    const [first = '', second = ''] = await rig.enqueue(queueOf('a'), 2);
    await rig.park(worker);
    await rig.park(worker);
    await rig.age(30_000);
    expect(await issuePermits()).toBe(1);
    await rig.queue.remove(first);
    await rig.age(9_000);
    expect(await issuePermits()).toBe(0);
    await rig.age(1_000);
    expect(await issuePermits()).toBe(1);
    expect((await rig.acquire(worker)).id).toBe(second);
  });

  test('is probed although other connections keep its bot busy', async () => {
    const queue = (connection: string) => queueOf(connection, { bot: 'shared', limit: 1 });
    await rig.enqueue(queue('busy'), 20);
    await ask();
    for (let parked = 0; parked < 19; parked++) await rig.park(worker);
    await refuse('a');
    await rig.enqueue(queue('a'));
    const probe = await rig.park(worker);
    await rig.age(60_000);
    expect(await issuePermits()).toBe(1);
    const asked = await rig.acquire(worker);
    expect([asked.id, asked.permit.kind]).toEqual([probe, 'granted']);
  });

  test('is released when the probe’s event was created, and its queue drains at the bot’s pace', async () => {
    await refuse();
    const queue = queueOf('a', { limit: 60 });
    await rig.enqueue(queue, 10);
    for (let parked = 0; parked < 10; parked++) await rig.park(worker);
    await rig.age(30_000);
    await issuePermits();
    expect((await ask()).kind).toBe('granted');
    expect(await rig.scheduler.recordSuccess('a')).toBe(true);
    expect(await rig.scheduler.recordSuccess('a')).toBe(false);
    expect(await rig.scheduler.heldConnections()).toEqual([]);
    expect((await audit()).at(-1)).toMatchObject({ action: 'release', by: 'probe', connection: 'a' });
    // Three tokens in the bucket, of which the probe took one.
    expect(await issuePermits()).toBe(2);
    for (let second = 0; second < 10; second++) {
      for (let reserved = await rig.reserve(worker); reserved; reserved = await rig.reserve(worker)) {
        const permit = await rig.scheduler.acquire({
          ...queue,
          deliveryId: reserved.id,
          lock: reserved.lock,
        });
        expect(permit).toMatchObject({ kind: 'granted', isTripped: false });
      }
      await rig.age(1_100);
      await issuePermits();
    }
    expect(await waiting('a')).toBe(0);
  });
});

describe('a connection that an operator holds', () => {
  test('is held until it is released, regardless of successes, and is not probed', async () => {
    await rig.scheduler.pauseConnection('a', me);
    await rig.enqueue(queueOf('a'));
    const asked = await rig.acquire(worker);
    expect(asked.permit).toMatchObject({ kind: 'held', cause: 'operator', reason: 'maintenance' });
    await rig.wait(asked);
    await rig.age(3_600_000);
    expect(await issuePermits()).toBe(0);
    expect(await rig.scheduler.recordSuccess('a')).toBe(false);
    expect(await rig.scheduler.heldConnections()).toEqual([
      { connection: 'a', by: 'operator', reason: 'maintenance', since: expect.any(Number), waiting: 1 },
    ]);
    expect(await rig.scheduler.resumeConnection('a', { who: 'you', reason: 'done' })).toBe(true);
    expect(await rig.scheduler.resumeConnection('a', { who: 'you', reason: 'done' })).toBe(false);
    expect(await issuePermits()).toBe(1);
    expect((await ask()).kind).toBe('granted');
    expect(await audit()).toMatchObject([
      { action: 'hold', by: 'operator', who: 'me@here', reason: 'maintenance', connection: 'a' },
      { action: 'release', by: 'operator', who: 'you', reason: 'done', connection: 'a' },
    ]);
  });

  test('may have been held by refusals before, and its failures are forgotten at its release', async () => {
    await refuse();
    await rig.scheduler.pauseConnection('a', me);
    expect(await rig.scheduler.recordFailure('a', refusal)).toEqual({ held: true, now: false });
    const [hold] = await rig.scheduler.heldConnections();
    expect(hold).toMatchObject({ by: 'operator', reason: 'maintenance' });
    expect(hold?.probeAt).toBeUndefined();
    expect(await rig.scheduler.resumeConnection('a', me)).toBe(true);
    // Failures from before do not count.
    expect(await rig.scheduler.recordFailure('a', refusal)).toEqual({ held: false, now: false });
  });

  test('lets its deliveries wait, and the oldest is reported', async () => {
    await rig.startWorker();
    await rig.scheduler.pauseConnection('a', me);
    const [first = ''] = await rig.enqueue(queueOf('a'));
    await vi.waitUntil(async () => (await waiting('a')) === 1, { timeout: 10_000, interval: 5 });
    await rig.enqueue(queueOf('a'), 3);
    await vi.waitUntil(async () => (await waiting('a')) === 4, { timeout: 10_000, interval: 5 });
    const received = Number(await rig.redis.hget(`{sluice}:deliveries:${first}`, 'timestamp'));
    expect(received).toBeGreaterThan(0);
    expect(await rig.scheduler.oldestQueued(['b', 'a', 'none'])).toEqual(new Map([['a', received]]));
    expect(await rig.scheduler.oldestQueued([])).toEqual(new Map());
  });

  test('is held in all workers, including those that start later', async () => {
    await rig.startWorker();
    await rig.scheduler.pauseConnection('a', me);
    const ids = await rig.enqueue(queueOf('a'), 5);
    await vi.waitUntil(async () => (await waiting('a')) === 5, { timeout: 10_000, interval: 5 });
    await rig.stopWorkers();
    await rig.startWorker();
    const [other] = await rig.enqueue(queueOf('b'));
    await vi.waitUntil(() => rig.sent.some(({ id }) => id === other), { timeout: 10_000, interval: 5 });
    expect(rig.sent).toHaveLength(1);
    await rig.openScheduler().resumeConnection('a', me);
    await vi.waitUntil(() => rig.sent.length === 6, { timeout: 10_000, interval: 5 });
    // A worker processes twenty at once, so the order varies.
    expect(
      rig.sent
        .slice(1)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(ids.toSorted());
  });
});
