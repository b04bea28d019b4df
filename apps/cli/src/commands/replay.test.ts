import { type Consumer, consumeDeliveries } from '@sluice/queue';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { QueueRig } from '../test-support/queue-rig.ts';
import { run } from '../test-support/recording.ts';

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

/** Lets so many deliveries of a connection die. */
const kill = (connection: string, count: number) =>
  rig.kill(
    Array.from({ length: count }, () => makeDelivery({ connection })),
    () => 'no',
  );

/** Starts a worker, which does what replays ask for. */
function work(outcome: 'delivered' | 'dead'): void {
  consumer = consumeDeliveries({
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

test('plan tells what would be put back, and how long that takes at a rate', async () => {
  await kill('acme', 3);
  const { code, out } = await run('replay', 'plan', '--connection', 'acme', '--per-minute', '2');
  expect(code).toBe(0);
  expect(out).toMatch(/^GROUP +COUNT +REASON/);
  expect(out).toMatch(/^other +3 +rejected +destination/m);
  expect(out).toContain('3 to put back, dead since 20');
  expect(out).toContain('at 2 a minute: about 2 min');
  expect(await run('replay', 'plan', '--connection', 'other')).toMatchObject({ out: 'nothing to put back' });
});

test('run puts back what is meant, and watches until it is delivered', async () => {
  await kill('acme', 3);
  await kill('other', 1);
  work('delivered');
  const { code, out } = await run('replay', 'run', '--connection', 'acme', '--note', 'mapper mended');
  expect(code).toBe(0);
  const lines = out.split('\n');
  expect(lines[0]).toMatch(/^rpl_\S+ runs: 3 to put back, behind what is live$/);
  expect(lines.at(-1)).toMatch(/^rpl_\S+ done: 3 of 3 put back, 3 delivered$/);
  expect(await rig.queue.getFailedCount()).toBe(1);
  expect(JSON.stringify(await rig.redis.xrange(`${rig.prefix}:audit`, '-', '+'))).toContain('mapper mended');
  expect((await run('replay', 'list')).out).toMatch(/^ID +STATE.*\nrpl_\S+ +done +3 +3 +3 +0 +0/);
});

test('run that pauses itself fails, and says why', async () => {
  await kill('acme', 15);
  work('dead');
  const { code, out } = await run('replay', 'run', '--all');
  expect(code).toBe(1);
  expect(out).toMatch(/paused \(10 of 10 died again\): 10 of 15 put back, 0 delivered, 10 dead again$/);
});

test('run wants to be told which ones, and --yes for many', async () => {
  await kill('acme', 101);
  expect(await run('replay', 'run')).toMatchObject({
    code: 2,
    err: 'error: which ones?  — a filter says it, as --group or --connection, or --all',
  });
  expect(await run('replay', 'run', '--all')).toMatchObject({
    code: 2,
    err: 'error: that is 101 dead letters  — with --yes they are put back',
  });
  expect((await run('replay', 'list')).out).toBe('no replays');
  expect(await run('replay', 'run', '--all', '--yes', '--detach')).toMatchObject({ code: 0 });
});

test('pause, resume and cancel, each where it can be', async () => {
  await kill('acme', 2);
  const { out } = await run('replay', 'run', '--all', '--json');
  const { id } = JSON.parse(out) as { id: string };
  expect(await run('replay', 'pause', id, '--note', 'wait')).toMatchObject({ code: 0 });
  expect(await run('replay', 'pause', id)).toMatchObject({
    code: 1,
    err: `error: ${id} is paused, so it cannot pause`,
  });
  expect((await run('replay', 'resume', id)).out).toContain(`${id} running: 0 of 2 put back`);
  expect((await run('replay', 'cancel', id)).out).toContain(`${id} cancelled`);
  const watched = await run('replay', 'watch', id);
  expect(watched).toMatchObject({ code: 1, out: `${id} cancelled: 0 of 2 put back, 0 delivered` });
  for (const action of ['pause', 'resume', 'cancel', 'watch']) {
    expect(await run('replay', action, 'rpl_none')).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no replay rpl_none'),
    });
  }
});

test('a Redis that is away is said to be', async () => {
  vi.stubEnv('REDIS_URL', 'redis://127.0.0.1:1');
  const { code, err } = await run('replay', 'run', '--all');
  expect(code).toBe(1);
  expect(err).toContain('Redis at redis://127.0.0.1:1 does not answer');
});
