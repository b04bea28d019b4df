import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type RunningRedis, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { dispatch } from './dispatcher.ts';
import { queueOf, SchedulerRig } from './test-support/scheduler-rig.ts';

let server: RunningRedis;
let rig: SchedulerRig;

beforeAll(async () => {
  server = await startRedis({ own: true });
  rig = new SchedulerRig(server.url, { lockDuration: 1_000 });
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

const PROGRAM = fileURLToPath(new URL('./test-support/doomed-worker.ts', import.meta.url));

/** Starts a worker process that can be killed. */
async function startDoomed(): Promise<{ sent: string[]; kill: () => Promise<void> }> {
  const args = ['--conditions=@sluice/source', '--import', 'tsx', PROGRAM, server.url];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const sent: string[] = [];
  createInterface({ input: child.stdout }).on('line', (id) => sent.push(id));
  const exited = once(child, 'exit');
  return {
    sent,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

test('repeated kill -9 of workers strands no parked delivery', async () => {
  const queues = ['a', 'b', 'c'].map((name) => queueOf(name, { bot: 'shared', limit: 6_000 }));
  const ids = (await Promise.all(queues.map((queue) => rig.enqueue(queue, 250)))).flat();
  let sentByDoomed = 0;
  for (const many of [310, 40, 40]) {
    const doomed = await startDoomed();
    await vi.waitUntil(() => doomed.sent.length >= many, { timeout: 30_000, interval: 1 });
    await doomed.kill();
    sentByDoomed += doomed.sent.length;
  }
  await rig.startWorker();
  await vi.waitUntil(async () => (await rig.queue.getCompletedCount()) === 750, {
    timeout: 30_000,
    interval: 20,
  });
  // Only deliveries that a worker had reserved when it died can be sent and not completed.
  expect(sentByDoomed + rig.sent.length).toBeLessThanOrEqual(750 + 3 * 10);
  expect(new Set(await rig.queue.getCompleted().then((jobs) => jobs.map(({ id }) => id)))).toEqual(
    new Set(ids),
  );
  // The last call of the dispatcher may be a second away.
  const left = () => rig.redis.keys(rig.key('[ltd]*'));
  await vi.waitUntil(async () => (await left()).length === 0, { timeout: 10_000, interval: 20 });
}, 120_000);

test('scripts are sent again to a Redis that has lost them', async () => {
  const worker = await rig.openWorker();
  const queue = queueOf('a', { limit: 1 });
  const forget = () => rig.redis.script('FLUSH');
  await rig.enqueue(queue, 2);
  for (let time = 1; time <= 2; time++) {
    const asked = await rig.acquire(worker);
    if (asked.permit.kind === 'paced') await rig.wait(asked);
  }
  await dispatch(worker.getBackend());
  await forget();
  await rig.enqueue(queue);
  await forget();
  const asked = await rig.acquire(worker);
  await forget();
  await rig.wait(asked);
  await rig.age(60_000);
  await forget();
  expect((await dispatch(worker.getBackend())).issued).toBe(1);
  await forget();
  expect((await rig.acquire(worker)).permit.kind).toBe('granted');
});

test('a Redis that is killed and restarted keeps queues, holds and limits', async () => {
  const queue = queueOf('a', { limit: 6_000 });
  await rig.startWorker();
  await rig.scheduler.pauseConnection('held', { who: 'me', reason: 'because' });
  await rig.enqueue(queueOf('held'), 5);
  const ids = await rig.enqueue(queue, 600);
  await vi.waitUntil(() => rig.sent.length > 350, { timeout: 20_000, interval: 5 });
  server.signal('SIGKILL');
  await server.exited;
  await server.restart();
  const done = async () => (await rig.queue.getCompletedCount()) === 600;
  await vi.waitUntil(done, { timeout: 30_000, interval: 20 });
  expect(new Set(rig.sent.map(({ id }) => id))).toEqual(new Set(ids));
  expect(await rig.scheduler.heldConnections()).toMatchObject([
    { connection: 'held', waiting: 5, reason: 'because' },
  ]);
  await rig.scheduler.resumeConnection('held', { who: 'me', reason: 'over' });
  await vi.waitUntil(() => rig.sent.filter(({ connection }) => connection === 'held').length === 5, {
    timeout: 20_000,
    interval: 5,
  });
}, 90_000);
