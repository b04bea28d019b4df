import { type Consumer, startShardWorker } from '@sluice/queue/testing';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { QueueRig } from '../test-support/queue-rig.ts';
import { run } from '../test-support/run.ts';

let rig: QueueRig;
let consumer: Consumer | undefined;

beforeAll(async () => {
  rig = await QueueRig.open({ startRedis });
});

beforeEach(() => rig.reset(vi));

afterEach(async () => {
  vi.unstubAllEnvs();
  await consumer?.close();
  consumer = undefined;
});

afterAll(() => rig.close());

/** Creates dead letters of a connection. */
const kill = (connection: string, count: number, reason?: 'bot_ignored') =>
  rig.kill(
    Array.from({ length: count }, () => makeDelivery({ connection })),
    () => 'no',
    reason,
  );

/** Starts a worker, which executes replays and gives deliveries this outcome. */
function work(outcome: 'delivered' | 'dead'): void {
  consumer = startShardWorker({
    redisUrl: rig.url,
    prefix: rig.prefix,
    concurrency: 20,
    lockDuration: 5_000,
    stalledInterval: 5_000,
    keepDelivered: 10,
    onError: () => {},
    process: async () =>
      outcome === 'delivered'
        ? { kind: 'delivered', eventId: 'evt_1', reconciled: false }
        : { kind: 'dead', reason: 'rejected', detail: { message: 'still no' } },
  });
}

test('plan shows the size of a replay, and its duration at a rate', async () => {
  await kill('acme', 3);
  const { code, out } = await run('replay', 'plan', '--connection', 'acme', '--per-minute', '2');
  expect(code).toBe(0);
  expect(out).toMatch(/^GROUP +COUNT +REASON/);
  expect(out).toMatch(/^other +3 +rejected +destination/m);
  expect(out).toContain('3 to replay, the oldest dead since 20');
  expect(out).toContain('At 2 per minute: about 2 min');
  expect(await run('replay', 'plan', '--connection', 'other')).toMatchObject({
    out: 'No dead letters to replay',
  });
});

test('run replays the selection and watches until it is delivered', async () => {
  await kill('acme', 3);
  await kill('other', 1);
  work('delivered');
  const { code, out } = await run('replay', 'run', '--connection', 'acme', '--note', 'mapper fixed');
  expect(code).toBe(0);
  const lines = out.split('\n');
  expect(lines[0]).toMatch(/^rpl_\S+ started: 3 to replay, with lower priority than live deliveries$/);
  expect(lines.at(-1)).toMatch(/^rpl_\S+ done: 3 of 3 requeued, 3 delivered$/);
  expect(await rig.queue.getFailedCount()).toBe(1);
  expect(JSON.stringify(await rig.redis.xrange(`${rig.prefix}:audit`, '-', '+'))).toContain('mapper fixed');
  expect((await run('replay', 'list')).out).toMatch(/^ID +STATE.*\nrpl_\S+ +done +3 +3 +3 +0 +0/);
});

test('run exits with 1 when the replay pauses itself, and shows the cause', async () => {
  await kill('acme', 15);
  work('dead');
  const { code, out } = await run('replay', 'run', '--all');
  expect(code).toBe(1);
  expect(out).toMatch(/paused \(10 of 10 failed again\): 10 of 15 requeued, 0 delivered, 10 failed again$/);
});

test('run requires a selection, and --yes for more than 100', async () => {
  await kill('acme', 101);
  expect(await run('replay', 'run')).toMatchObject({
    code: 2,
    err: 'error: No selection. Pass a filter (for example --group or --connection) or --all.',
  });
  expect(await run('replay', 'run', '--all')).toMatchObject({
    code: 2,
    err: 'error: 101 dead letters will be replayed. Pass --yes to confirm.',
  });
  expect((await run('replay', 'list')).out).toBe('No replays');
  expect(await run('replay', 'run', '--all', '--yes', '--detach')).toMatchObject({ code: 0 });
});

test('plan warns of second events, and run requires --second-events', async () => {
  await kill('acme', 2, 'bot_ignored');
  const warning =
    '2 dead letters have an event already, which the bot failed or ignored. The replay creates a second one, and the bot may have acted on the first.';
  expect((await run('replay', 'plan', '--all')).out).toContain(`Warning: ${warning}`);
  expect(await run('replay', 'run', '--all', '--yes')).toMatchObject({
    code: 2,
    err: `error: ${warning} Pass --second-events to confirm.`,
  });
  expect(await rig.queue.getFailedCount()).toBe(2);
  work('delivered');
  expect(await run('replay', 'run', '--all', '--second-events')).toMatchObject({ code: 0 });
  expect(await rig.queue.getFailedCount()).toBe(0);
});

test('pause, resume and cancel change the state, and fail in other states', async () => {
  await kill('acme', 2);
  const { out } = await run('replay', 'run', '--all', '--json');
  const { id } = JSON.parse(out) as { id: string };
  expect(await run('replay', 'pause', id, '--note', 'wait')).toMatchObject({ code: 0 });
  expect(await run('replay', 'pause', id)).toMatchObject({
    code: 1,
    err: `error: Cannot pause ${id}. Its state is paused.`,
  });
  expect((await run('replay', 'resume', id)).out).toContain(`${id} running: 0 of 2 requeued`);
  expect((await run('replay', 'cancel', id)).out).toContain(`${id} cancelled`);
  const watched = await run('replay', 'watch', id);
  expect(watched).toMatchObject({ code: 1, out: `${id} cancelled: 0 of 2 requeued, 0 delivered` });
  for (const action of ['pause', 'resume', 'cancel', 'watch']) {
    expect(await run('replay', action, 'rpl_none')).toMatchObject({
      code: 1,
      err: expect.stringContaining('No replay rpl_none'),
    });
  }
});

test('reports an unreachable Redis', async () => {
  vi.stubEnv('REDIS_URL', 'redis://127.0.0.1:1');
  const { code, err } = await run('replay', 'run', '--all');
  expect(code).toBe(1);
  expect(err).toContain('Redis at redis://127.0.0.1:1 does not respond');
});
