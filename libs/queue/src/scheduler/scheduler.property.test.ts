import { type RunningRedis, startRedis } from '@sluice/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Bot,
  busiestMinute,
  CALLS_PER_SECOND,
  FATES,
  mostWithin,
  SchedulerModel,
} from './test-support/scheduler-model.ts';
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

/** Each step changes the model; a delivery that is processed gets its result in the same step. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('enqueue' as const), connection }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('process' as const),
      fate: fc.constantFrom('sent' as const, ...FATES),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('dispatch' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('age' as const), ms: fc.integer({ min: 1, max: 30_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('time out' as const), index: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('erase' as const), index: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause bot' as const), bot, ms: fc.nat(20_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('report limit' as const), bot, remaining: fc.nat(3) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      purpose: fc.constantFrom('lookup' as const, 'sweep' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause connection' as const), connection }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resume connection' as const), connection }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('change bot' as const), connection, bot }) },
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const OPERATOR = { who: 'me', reason: 'because' };

async function runStep(model: SchedulerModel, action: Step): Promise<unknown> {
  switch (action.do) {
    case 'enqueue':
      return model.enqueue(action.connection);
    case 'process':
      return model.process(action.fate);
    case 'dispatch':
      return model.dispatch();
    case 'age':
      return model.age(action.ms);
    case 'time out':
      return model.timeOut(action.index);
    case 'erase':
      return model.erase(action.index);
    case 'pause bot':
      return rig.scheduler.pauseBot(action.bot, action.ms);
    case 'report limit':
      return rig.scheduler.recordLimit(action.bot, { remaining: action.remaining, reset: 5_000 });
    case 'read':
      return model.readOnce(action.purpose);
    case 'pause connection':
      return rig.scheduler.pauseConnection(action.connection, OPERATOR);
    case 'resume connection':
      return rig.scheduler.resumeConnection(action.connection, OPERATOR);
    case 'change bot':
      model.bots[action.connection] = action.bot;
      return;
  }
}

test('no sequence of steps strands a delivery or exceeds the limit of a bot or of its workspace', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }), async (steps) => {
      await rig.redis.flushall();
      const model = new SchedulerModel(rig, worker);
      for (const action of steps) {
        await runStep(model, action);
        expect(await model.findStranded()).toBeUndefined();
      }
      for (const name of ['a', 'b', 'c']) await rig.scheduler.resumeConnection(name, OPERATOR);
      await model.drain();
      expect([...model.open]).toEqual([]);
      for (const name of ['x', 'y'] as const) {
        const { most, limit } = busiestMinute(model.sent[name], name);
        expect(most).toBeLessThanOrEqual(limit);
      }
      const calls = [...model.sent.x, ...model.sent.y, ...model.read];
      expect(mostWithin(1_000, calls)).toBeLessThanOrEqual(CALLS_PER_SECOND);
    }),
    { numRuns: Number(process.env.SLUICE_TEST_RUNS ?? 30) },
  );
}, 120_000);

test('a delivery that had to wait in the queue of a former bot gets its permit', async () => {
  await rig.redis.flushall();
  const model = new SchedulerModel(rig, worker);
  await rig.scheduler.pauseBot('x', 1_000);
  await model.enqueue('a');
  await model.process('sent');
  model.bots.a = 'y';
  await model.timeOut(0);
  await model.process('has to wait');
  await model.age(5_000);
  await model.dispatch();
  await model.drain();
  expect([...model.open]).toEqual([]);
  expect([model.sent.x.length, model.sent.y.length]).toEqual([0, 1]);
});
