import { readFileSync } from 'node:fs';
import { type RunningRedis, startRedis } from '@sluice/testing';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openShards, type Shards } from '../sharding/across-shards.ts';
import { countWorkspaceEvents, createCallWindows } from './call-windows.ts';
import { dispatch } from './dispatcher.ts';
import { mostWithin } from './test-support/scheduler-model.ts';
import { PREFIX, queueOf, type RigWorker, SchedulerRig } from './test-support/scheduler-rig.ts';
import { type PlannedBot, type PlannedWindow, planWindows } from './workspace-window.ts';

describe('the plan of windows', () => {
  const bots = fc.array(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 3 }),
      workspace: fc.constantFrom('a', 'b'),
      eventsPerMinute: fc.integer({ min: 1, max: 100_000 }),
    }),
    { minLength: 1, maxLength: 30 },
  );

  test('never allows more calls than the limit in 1.1 s, in all shards together', () => {
    fc.assert(
      fc.property(
        bots,
        fc.integer({ min: 64, max: 100_000 }),
        fc.integer({ min: 1, max: 64 }),
        (list, limit, shards) => {
          const plan = planWindows(list, { callsPerSecond: limit, shards });
          for (const workspace of plan.workspaces) {
            const { id = '' } = list.findLast((bot) => bot.workspace === workspace) ?? {};
            if (list.findLast((bot) => bot.id === id)?.workspace !== workspace) continue;
            const windows = Array.from({ length: shards }, (_, shard) => plan.windowOf(id, shard));
            // Fewer than burst + rate * T calls start in a time T.
            const most = windows.map(
              (window) => Math.ceil((window?.burst ?? 0) + 1.1 * (window?.rate ?? 0)) - 1,
            );
            expect(most.reduce((sum, calls) => sum + calls, 0)).toBeLessThanOrEqual(limit);
            expect(Math.min(...windows.map((window) => window?.burst ?? 0))).toBeGreaterThanOrEqual(1);
          }
        },
      ),
    );
  });

  test('gives a bot that is alone at its default limit a burst of more than its bucket and its reads of a second', () => {
    const plan = planWindows([{ id: 'x', workspace: 'w', eventsPerMinute: 600 }], {
      callsPerSecond: 100,
      shards: 1,
    });
    expect(plan.windowOf('x')).toEqual({ id: 'w', shard: 0, limit: 100, rate: 30, burst: 68 });
  });

  test('gives most of the rate to bots that can use it', () => {
    const list = Array.from({ length: 20 }, (_, bot) => ({
      id: `${bot}`,
      workspace: 'w',
      eventsPerMinute: 600,
    }));
    const window = planWindows(list, { callsPerSecond: 100, shards: 1 }).windowOf('0');
    expect(window).toMatchObject({ rate: 82.727, burst: 10 });
  });

  test('knows no window of an unknown bot', () => {
    expect(planWindows([], { callsPerSecond: 100, shards: 1 }).windowOf('x')).toBeUndefined();
  });
});

let server: RunningRedis;
let rig: SchedulerRig;
let shards: Shards;

beforeAll(async () => {
  server = await startRedis({ own: true, args: ['--appendonly', 'no'] });
  rig = new SchedulerRig(server.url);
  shards = openShards({ url: server.url, name: 'test', prefix: PREFIX, onError: () => {} });
  await shards.reached;
});

afterEach(async () => {
  await rig.stopWorkers();
  await rig.redis.flushall();
});

afterAll(async () => {
  await shards.close();
  await rig.close();
  await server.stop();
});

const windowsOf = (bots: readonly string[], callsPerSecond: number, workspace = 'w') => {
  const list: PlannedBot[] = bots.map((id) => ({ id, workspace, eventsPerMinute: 60_000 }));
  const plan = planWindows(list, { callsPerSecond, shards: 1 });
  return (bot: string) => plan.windowOf(bot) as PlannedWindow;
};

describe('bots of one workspace', () => {
  let worker: RigWorker;

  /** Processes all waiting deliveries; counts the sent ones by connection. */
  async function process(sent: Record<string, number>): Promise<void> {
    while ((await rig.queue.getPrioritizedCount()) > 0) {
      const asked = await rig.acquire(worker);
      const { connection } = asked.job.data;
      if (asked.permit.kind === 'granted') {
        sent[connection] = (sent[connection] ?? 0) + 1;
        await asked.job.moveToCompleted({ eventId: 'evt' }, asked.lock, false);
      } else if (asked.permit.kind === 'later') {
        await asked.job.moveToDelayed(Date.now() + 1, asked.lock);
      } else await rig.wait(asked);
    }
  }

  /** Lets `ms` milliseconds pass, then dispatches and processes. */
  async function pass(ms: number, sent: Record<string, number>): Promise<void> {
    await rig.age(ms);
    await dispatch(worker.getBackend());
    await process(sent);
  }

  const names = ['a', 'b', 'c', 'd', 'e'];
  const bots = names.map((name) => `bot-of-${name}`);

  test('share its calls equally, however many deliveries each has', async () => {
    worker = await rig.openWorker();
    const windowOf = windowsOf(bots, 100);
    for (const [index, name] of names.entries()) {
      const queue = queueOf(name, { limit: 60_000, workspace: windowOf(`bot-of-${name}`) });
      await rig.enqueue(queue, 60 * (index + 1));
    }
    await process({});
    // The first dispatch finds no bot that waits, and gives one bot all calls.
    await pass(20, {});
    const sent: Record<string, number> = {};
    const counts = () => names.map((name) => sent[name] ?? 0);
    while (counts().reduce((sum, count) => sum + count, 0) < 150) await pass(20, sent);
    expect(Math.max(...counts()) - Math.min(...counts())).toBeLessThanOrEqual(2);
  }, 30_000);

  test('wait behind those that wait already, even when the window has calls left', async () => {
    worker = await rig.openWorker();
    const windowOf = windowsOf(bots, 100);
    const other = queueOf('a', { limit: 60_000, workspace: windowOf('bot-of-a') });
    await rig.enqueue(queueOf('b', { limit: 60_000, workspace: windowOf('bot-of-b') }), 60);
    const sent: Record<string, number> = {};
    await process(sent);
    await pass(0, sent);
    await rig.age(100);
    await rig.enqueue(other);
    const asked = await rig.acquire(worker);
    expect(asked.permit.kind).toBe('paced');
    await rig.wait(asked);
    await pass(0, sent);
    expect(sent.a).toBe(1);
    expect(sent.b).toBeLessThan(60);
    while ((sent.b ?? 0) < 60) await pass(50, sent);
    await pass(50, sent);
    await rig.enqueue(other);
    expect((await rig.acquire(worker)).permit.kind).toBe('granted');
  }, 30_000);

  test('do not slow down bots of another workspace', async () => {
    worker = await rig.openWorker();
    const windowOf = windowsOf(bots, 100);
    await rig.enqueue(queueOf('a', { limit: 60_000, workspace: windowOf('bot-of-a') }), 200);
    await process({});
    const other = windowsOf(['bot-of-z'], 100, 'other')('bot-of-z');
    await rig.enqueue(queueOf('z', { workspace: other }), 10);
    const sent: Record<string, number> = {};
    await process(sent);
    expect(sent.z).toBe(10);
  }, 30_000);

  test('continue when Redis’ clock was set back', async () => {
    worker = await rig.openWorker();
    const windowOf = windowsOf(bots, 100);
    await rig.enqueue(queueOf('a', { limit: 60_000, workspace: windowOf('bot-of-a') }), 80);
    const isGranted = async () => (await rig.acquire(worker)).permit.kind === 'granted';
    while (await isGranted());
    await rig.age(-600_000);
    expect(await isGranted()).toBe(false);
    await rig.age(1_000);
    expect(await isGranted()).toBe(true);
  }, 30_000);

  test('are counted by minute and month, without events that Botpress refused', async () => {
    worker = await rig.openWorker();
    const windowOf = windowsOf(bots, 1_000);
    const queue = queueOf('a', { limit: 60_000, workspace: windowOf('bot-of-a') });
    await rig.enqueue(queue, 5);
    const sent: Record<string, number> = {};
    await rig.acquire(worker);
    const refused = await rig.acquire(worker);
    if (refused.permit.kind !== 'granted') throw new Error('The permit is denied.');
    await rig.scheduler.clearAttempt(refused.id, refused.permit.startedAt, queue.bot.workspace);
    await rig.scheduler.clearAttempt(refused.id, refused.permit.startedAt, queue.bot.workspace);
    const lost = await rig.acquire(worker);
    if (lost.permit.kind !== 'granted') throw new Error('The permit is denied.');
    const { id: deliveryId, lock } = lost;
    await rig.scheduler.acquire({ ...queue, deliveryId, lock, absentSince: lost.permit.startedAt });
    await process(sent);
    expect(sent.a).toBe(2);
    const read = async () => (await countWorkspaceEvents(shards, ['w', 'unknown'])).get('w');
    const { thisMinute, lastMinute, thisMonth } = (await read()) ?? {};
    expect((thisMinute ?? 0) + (lastMinute ?? 0)).toBe(4);
    expect(thisMonth).toBe(4);
    expect((await countWorkspaceEvents(shards, ['unknown'])).get('unknown')).toEqual({
      thisMinute: 0,
      lastMinute: 0,
      thisMonth: 0,
    });
    const key = rig.key('window:w');
    await rig.redis.hincrby(key, 'minute', -1);
    expect(await read()).toMatchObject({ thisMinute: 0, lastMinute: thisMinute, thisMonth: 4 });
    await rig.redis.hincrby(key, 'minute', -1);
    await rig.redis.hincrby(key, 'month', -1);
    expect(await read()).toEqual({ thisMinute: 0, lastMinute: 0, thisMonth: 0 });
  }, 30_000);
});

test('months are calendar months in UTC', async () => {
  const lua = readFileSync(new URL('./lua/window.lua', import.meta.url), 'utf8');
  const monthOf = (ms: number) => rig.redis.eval(`${lua}\nreturn monthOf(tonumber(ARGV[1]))`, 0, ms);
  const at = (text: string) => monthOf(Date.parse(text));
  expect(await at('2026-11-30T23:59:59.999Z')).toBe(202_611);
  expect(await at('2026-12-01T00:00:00.000Z')).toBe(202_612);
  expect(await at('2028-02-29T12:00:00.000Z')).toBe(202_802);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 4e12 }), async (ms) => {
      const date = new Date(ms);
      expect(await monthOf(ms)).toBe(date.getUTCFullYear() * 100 + date.getUTCMonth() + 1);
    }),
    { numRuns: 300 },
  );
});

describe('calls that only read', () => {
  test('never exceed their share, in all processes together', async () => {
    const window = windowsOf(['x'], 100)('x');
    const processes = [createCallWindows(shards), createCallWindows(shards)];
    const started: number[] = [];
    const read = async (index: number) => {
      await processes[index % 2]?.acquireCall(window, 'lookup', 0.4);
      started.push(performance.now());
    };
    await Promise.all(Array.from({ length: 60 }, (_, index) => read(index)));
    // 40 a second, and a tenth of a second's at once.
    expect(mostWithin(1_000, started)).toBeLessThanOrEqual(45);
    expect(Math.max(...started) - Math.min(...started)).toBeLessThan(4_000);
  }, 20_000);

  test('of one purpose leave the share of another', async () => {
    const window = windowsOf(['x'], 100)('x');
    const windows = createCallWindows(shards);
    const sweeps = Array.from({ length: 40 }, () => windows.acquireCall(window, 'sweep', 0.2));
    const begin = performance.now();
    await windows.acquireCall(window, 'lookup', 0.5);
    expect(performance.now() - begin).toBeLessThan(500);
    await Promise.all(sweeps);
    expect(performance.now() - begin).toBeGreaterThan(1_500);
  }, 20_000);

  test('start at once while Redis cannot be reached', async () => {
    const away = openShards({ url: 'redis://127.0.0.1:1', name: 'test', prefix: PREFIX, onError: () => {} });
    await createCallWindows(away).acquireCall(windowsOf(['x'], 100)('x'), 'lookup', 0.5);
    await away.close();
  });
});
