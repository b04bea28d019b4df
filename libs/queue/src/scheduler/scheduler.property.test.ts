import { type RunningRedis, startRedis } from '@sluice/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bot, busiestMinute, FATES, GateWorld } from './test-support/scheduler-model.ts';
import { type RigWorker, SchedulerRig } from './test-support/scheduler-rig.ts';

let server: RunningRedis;
let rig: SchedulerRig;
let worker: RigWorker;

beforeAll(async () => {
  server = await startRedis({ own: true, args: ['--appendonly', 'no'] });
  rig = new SchedulerRig(server.url);
  worker = await rig.openWorker();
});

afterAll(async () => {
  await rig.close();
  await server.stop();
});

const connection = fc.constantFrom('a', 'b', 'c');
const bot = fc.constantFrom<Bot>('x', 'y');

/** Each step changes the world; deliveries that are taken are settled in it. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('enqueue' as const), connection }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('take' as const),
      fate: fc.constantFrom('sent' as const, ...FATES),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('give turns' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('age' as const), ms: fc.integer({ min: 1, max: 30_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('net' as const), index: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('erase' as const), index: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const), bot, ms: fc.nat(20_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('learn' as const), bot, remaining: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hold' as const), connection }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), connection }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move' as const), connection, bot }) },
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const OPERATOR = { who: 'me', reason: 'because' };

async function carryOut(world: GateWorld, doing: Step): Promise<unknown> {
  switch (doing.do) {
    case 'enqueue':
      return world.enqueue(doing.connection);
    case 'take':
      return world.take(doing.fate);
    case 'give turns':
      return world.giveTurns();
    case 'age':
      return world.age(doing.ms);
    case 'net':
      return world.fallIntoNet(doing.index);
    case 'erase':
      return world.erase(doing.index);
    case 'pause':
      return rig.scheduler.pauseBot(doing.bot, doing.ms);
    case 'learn':
      return rig.scheduler.recordLimit(doing.bot, { remaining: doing.remaining, reset: 5_000 });
    case 'hold':
      return rig.scheduler.pauseConnection(doing.connection, OPERATOR);
    case 'release':
      return rig.scheduler.resumeConnection(doing.connection, OPERATOR);
    case 'move':
      world.bots[doing.connection] = doing.bot;
      return;
  }
}

test('whatever happens, no delivery is stranded and no bot gets more than its limit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }), async (steps) => {
      await rig.redis.flushall();
      const world = new GateWorld(rig, worker);
      for (const doing of steps) {
        await carryOut(world, doing);
        expect(await world.findStranded()).toBeUndefined();
      }
      for (const name of ['a', 'b', 'c']) await rig.scheduler.resumeConnection(name, OPERATOR);
      await world.drain();
      expect([...world.open]).toEqual([]);
      for (const name of ['x', 'y'] as const) {
        const { most, limit } = busiestMinute(world.sent[name], name);
        expect(most).toBeLessThanOrEqual(limit);
      }
    }),
    { numRuns: Number(process.env.SLUICE_TEST_RUNS ?? 30) },
  );
}, 120_000);

test('who could not go yet while in the lane of a former bot gets its permit all the same', async () => {
  await rig.redis.flushall();
  const world = new GateWorld(rig, worker);
  await rig.scheduler.pauseBot('x', 1_000);
  await world.enqueue('a');
  await world.take('sent');
  world.bots.a = 'y';
  await world.fallIntoNet(0);
  await world.take('may not go');
  await world.age(5_000);
  await world.giveTurns();
  await world.drain();
  expect([...world.open]).toEqual([]);
  expect([world.sent.x.length, world.sent.y.length]).toEqual([0, 1]);
});
