import { type RunningRedis, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { dispatch } from './dispatcher.ts';
import { queueOf, type RigWorker, SchedulerRig, type Sent } from './test-support/scheduler-rig.ts';

let server: RunningRedis;
let rig: SchedulerRig;

beforeAll(async () => {
  server = await startRedis({ own: true });
  rig = new SchedulerRig(server.url);
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

const timesOf = (sent: readonly Sent[], connection: string) =>
  sent.filter((one) => one.connection === connection).map(({ at }) => at);

/** Returns the most events that a bucket of this limit may send within `ms` milliseconds. */
const allowed = (limit: number, ms: number) => {
  const capacity = Math.max(1, limit / 20);
  return capacity + ((limit + 1 - capacity) / 60_000) * ms;
};

function expectWithin(times: readonly number[], limit: number): void {
  const sorted = [...times].sort((one, other) => one - other);
  for (let from = 0; from < sorted.length; from++) {
    for (let to = from + 1; to < sorted.length; to += 7) {
      expect(to - from + 1).toBeLessThanOrEqual(
        allowed(limit, (sorted[to] ?? 0) - (sorted[from] ?? 0)) + 1e-6,
      );
    }
  }
}

describe('with three workers', () => {
  test('a bot gets exactly its limit, other bots are not delayed, and a delivery is reserved about twice', async () => {
    const busy = queueOf('busy', { limit: 6_000 });
    const ids = await rig.enqueue(busy, 700);
    for (let started = 0; started < 3; started++) await rig.startWorker({ concurrency: 10 });
    await vi.waitUntil(() => rig.sent.length >= 300, { timeout: 15_000, interval: 5 });
    const others = Array.from({ length: 20 }, (_, other) => queueOf(`other${other}`));
    const waits: number[] = [];
    for (const other of others) {
      const since = performance.now();
      const [id] = await rig.enqueue(other);
      await vi.waitUntil(() => rig.sent.some((one) => one.id === id), { timeout: 10_000, interval: 1 });
      waits.push(performance.now() - since);
    }
    expect(Math.max(...waits)).toBeLessThan(2_000);
    await vi.waitUntil(() => rig.sent.length === 720, { timeout: 15_000, interval: 5 });

    const times = timesOf(rig.sent, 'busy');
    expect(new Set(rig.sent.map(({ id }) => id)).size).toBe(720);
    expectWithin(times, 6_000);
    // 300 at once, 400 at 95 a second: 4.2 s.
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(8_000);
    const jobs = await Promise.all(ids.map((id) => rig.queue.getJob(id)));
    const passes = jobs.reduce((sum, job) => sum + (job?.attemptsStarted ?? 0), 0) / jobs.length;
    expect(passes).toBeGreaterThan(1);
    expect(passes).toBeLessThan(2.05);
    expect(jobs.every((job) => job?.attemptsMade === 1)).toBe(true);
  }, 60_000);

  test('a pause that one worker reports stops the bot in all workers, and no other bot', async () => {
    const queue = queueOf('a', { limit: 60_000 });
    for (let started = 0; started < 3; started++) await rig.startWorker();
    await rig.enqueue(queue, 10);
    await vi.waitUntil(() => rig.sent.length === 10, { timeout: 10_000, interval: 1 });
    await rig.scheduler.pauseBot(queue.bot.id, 1_500);
    const until = Number(await rig.redis.hget(rig.key(`bot:${queue.bot.id}`), 'pause'));
    await rig.enqueue(queue, 50);
    const [other] = await rig.enqueue(queueOf('b'));
    await vi.waitUntil(() => rig.sent.some(({ id }) => id === other), { timeout: 10_000, interval: 1 });
    await vi.waitUntil(() => rig.sent.length === 61, { timeout: 10_000, interval: 1 });
    const after = rig.sent.slice(10).filter(({ connection }) => connection === 'a');
    expect(after).toHaveLength(50);
    expect(Math.min(...after.map(({ at }) => at))).toBeGreaterThanOrEqual(until);
  }, 30_000);
});

describe('a bucket', () => {
  let worker: RigWorker;

  /** Uses all tokens, and returns when each event was sent. */
  async function useUp(limit: number): Promise<number[]> {
    worker = await rig.openWorker();
    await rig.enqueue(queueOf('a', { limit }), 200);
    const sent: number[] = [];
    for (
      let { permit } = await rig.acquire(worker);
      permit.kind === 'granted';
      { permit } = await rig.acquire(worker)
    ) {
      sent.push(permit.startedAt);
    }
    return sent;
  }

  /**
   * Advances the scheduler's time second by second, and returns how many events were sent. The time that the test itself
   * takes is part of it, because tokens are added in that time as well.
   */
  async function sendFor(seconds: number): Promise<number> {
    const begin = performance.now();
    let aged = 0;
    let sent = 0;
    for (let second = 0; second <= seconds; second++) {
      const rest = Math.max(0, Math.round(1_000 * second - aged - (performance.now() - begin)));
      await rig.age(rest);
      aged += rest;
      for (
        let asked = await rig.acquire(worker);
        asked.permit.kind === 'granted';
        asked = await rig.acquire(worker)
      )
        sent++;
    }
    return sent;
  }

  const limitOf = async () => {
    await rig.enqueue(queueOf('a', { limit: 600 }), 2_000);
    return sendFor(60);
  };

  test.each([
    [1, 1],
    [39, 1],
    [600, 30],
    [2_000, 100],
  ])('of %i a minute holds %i', async (limit, tokens) => {
    const sent = await useUp(limit);
    expect(sent.length).toBeGreaterThanOrEqual(tokens);
    expectWithin(sent, limit);
  });

  test.each([1, 2, 20, 60, 600])(
    'with a limit of %i events a minute never exceeds it in any minute',
    async (limit) => {
      worker = await rig.openWorker();
      const sent: number[] = [];
      await rig.enqueue(queueOf('a', { limit }), 3 * limit + 200);
      let aged = 0;
      let stepped = Date.now();
      // Idle, a burst, then saturated for two minutes, at odd times.
      for (let step = 0; aged < 150_000; step++) {
        const asked = await rig.acquire(worker);
        if (asked.permit.kind === 'granted') {
          sent.push(asked.permit.startedAt + aged);
          continue;
        }
        // The time that the last step itself took is part of this one.
        const length = Math.max(211, Math.ceil(17_003 / limit) * (1 + (step % 3)));
        const ms = Math.max(0, length - (Date.now() - stepped));
        await rig.age(ms);
        aged += ms;
        stepped = Date.now();
        if ((await rig.queue.getPrioritizedCount()) < 5) await rig.enqueue(queueOf('a', { limit }), 100);
      }
      const busiest = sent.map((from) => sent.filter((time) => time >= from && time < from + 60_000).length);
      expect(Math.max(...busiest)).toBeLessThanOrEqual(limit);
      expect(Math.max(...busiest)).toBeGreaterThan(limit * 0.7);
    },
    60_000,
  );

  test('is empty after a 429, continues at four fifths, and is whole again within minutes', async () => {
    await useUp(600);
    await rig.scheduler.pauseBot('bot-of-a', 5_000);
    expect(await sendFor(5)).toBe(0);
    expect(Math.abs((await sendFor(10)) / 10 - 7.8)).toBeLessThan(0.5);
    await rig.age(120_000);
    expect(Math.abs((await limitOf()) - 600)).toBeLessThan(12);
  });

  test('is reduced once by concurrent 429s and again by later ones, to no less than a twentieth', async () => {
    await useUp(600);
    const reducedLimit = async () => Number(await rig.redis.hget(rig.key('bot:bot-of-a'), 'cut'));
    for (let response = 0; response < 30; response++) await rig.scheduler.pauseBot('bot-of-a', 1_000);
    expect(await reducedLimit()).toBe(480);
    for (let minute = 0; minute < 40; minute++) {
      await rig.age(11_000);
      await rig.scheduler.pauseBot('bot-of-a', 1_000);
    }
    expect(await reducedLimit()).toBeGreaterThanOrEqual(30);
    expect(await reducedLimit()).toBeLessThan(60);
  });

  test('is not resumed by a shorter pause, and paused for an hour at most', async () => {
    await useUp(600);
    await rig.scheduler.pauseBot('bot-of-a', 20_000);
    await rig.scheduler.pauseBot('bot-of-a', 1_000);
    expect(await sendFor(19)).toBe(0);
    expect(await sendFor(3)).toBeGreaterThan(0);
    await rig.scheduler.pauseBot('bot-of-a', 86_400_000);
    await rig.age(3_600_000);
    expect(await sendFor(2)).toBeGreaterThan(0);
  });

  test('is paused for longer each time if no duration is stated, up to a minute', async () => {
    await useUp(600);
    const pauseOf = async () => {
      const before = Number(await rig.redis.hget(rig.key('bot:bot-of-a'), 'pause'));
      await rig.scheduler.pauseBot('bot-of-a');
      const [pause, at] = await rig.redis.hmget(rig.key('bot:bot-of-a'), 'pause', 'at');
      return Number(pause) === before ? 'not extended' : Number(pause) - Number(at);
    };
    const pauses: unknown[] = [];
    for (let pause = await pauseOf(); pauses.length < 9; pause = await pauseOf()) {
      pauses.push(pause);
      if (pauses.length === 3) expect(await pauseOf()).toBe('not extended');
      await rig.age(Number(pause));
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000));
    await rig.age(121_000);
    expect(await pauseOf()).toBe(1_000);
  });

  test('follows a lower reported limit for ten minutes', async () => {
    await useUp(600);
    await rig.scheduler.recordLimit('bot-of-a', { limit: 300, remaining: 250 });
    await rig.age(60_000);
    expect(Math.abs((await limitOf()) - 300)).toBeLessThan(10);
    await rig.scheduler.recordLimit('bot-of-a', { limit: 900 });
    expect(Math.abs((await limitOf()) - 580)).toBeLessThan(15);
    await rig.scheduler.recordLimit('bot-of-a', { limit: 300 });
    await rig.age(600_000);
    expect(Math.abs((await limitOf()) - 600)).toBeLessThan(12);
  });

  test('has no more tokens than reported, and pauses if none are left', async () => {
    await useUp(600);
    await rig.age(60_000);
    await rig.scheduler.recordLimit('bot-of-a', { remaining: 4 });
    await rig.scheduler.recordLimit('bot-of-a', { remaining: 20 });
    const begin = performance.now();
    let sent = 0;
    while ((await rig.acquire(worker)).permit.kind === 'granted') sent++;
    // Ten tokens a second are added meanwhile, even on a slow machine.
    expect(sent - (performance.now() - begin) / 100).toBeLessThanOrEqual(5);
    await rig.age(1_000);
    await rig.scheduler.recordLimit('bot-of-a', { remaining: 0, reset: 10_000 });
    expect(await sendFor(9)).toBe(0);
    expect(await sendFor(3)).toBeGreaterThan(5);
  });

  test('continues when Redis’ clock was set back', async () => {
    await useUp(600);
    await rig.age(-600_000);
    expect((await rig.acquire(worker)).permit.kind).toBe('paced');
    expect(await sendFor(10)).toBeGreaterThan(80);
  });

  test('that is paused denies permits that were issued before', async () => {
    worker = await rig.openWorker();
    const queue = queueOf('a', { limit: 1 });
    await rig.enqueue(queue, 2);
    await rig.acquire(worker);
    await rig.park(worker);
    await rig.age(60_000);
    expect((await dispatch(worker.getBackend())).issued).toBe(1);
    await rig.scheduler.pauseBot('bot-of-a', 30_000);
    const asked = await rig.acquire(worker);
    expect(asked.permit.kind).toBe('paced');
    await rig.wait(asked);
    await rig.age(29_000);
    expect((await dispatch(worker.getBackend())).issued).toBe(0);
  });
});
