import { setTimeout as pause } from 'node:timers/promises';
import { type RunningApp, type RunningSluice, runSluice, seedDeadLetters } from '@sluice/testing';
import type { Redis } from 'ioredis';
import { fixMapper } from '../fix-mapper.ts';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';
import { TROUBLE_MODULE, troubleWebhook } from '../webhooks.ts';

const PREFIX = '{sluice}';
const JOBS = `${PREFIX}:deliveries:`;
const FAILED = `${JOBS}failed`;

/** Dead letters made by the pipeline. Further ones are copies. */
const REALLY_DIED = 6_000;
const PER_SECOND = 600;
const CONCURRENCY = 50;

/**
 * One bot each: reconciliation searches the newest 60 pages of a bot, 1,200 events here. At Botpress' rate limit
 * that is two minutes of events. Without a limit, as here, no bot may get more in total.
 */
const CONNECTIONS = Array.from({ length: 100 }, (_, index) => `trouble-${index}`);

/** Kills of a random worker, followed by one of the worker that runs the replay. */
const KILLS = 2;

/** Base timeout in seconds, and the lowest rate in deliveries a second on a busy machine. */
const DEADLINE = 200;
const SLOWEST = 200;

/** Seconds until the other worker takes over: the lease of 5 s, one poll a second, and tolerance. */
const TAKEN_OVER = 8;

/** Replays dead letters and kills the workers meanwhile. 100,000 take some minutes. */
export const replayKilled = (count = REALLY_DIED): Row => ({
  row: 23,
  fault: `workers killed ${KILLS + 1} times during a replay of ${count.toLocaleString('en-US')}`,
  passes: 'lost = 0; extra = 0',
  extra: 'none',
  deadline: DEADLINE + count / SLOWEST,
  options: {
    module: TROUBLE_MODULE,
    connections: CONNECTIONS.map((id) => ({ id, source: 'trouble', bot: `bot-of-${id}` })),
    sandboxEnv: { SLUICE_SANDBOX_KEEP: String(2 * count) },
  },
  async run(scene) {
    await createDeadLetters(scene, count);
    await fixMapper(scene);
    await scene.start('worker');
    const replay = await runSluice(['replay', 'run', '--all', '--yes'], { REDIS_URL: scene.redisUrl });
    const killedAt: number[] = [];
    for (let kill = 1; kill <= KILLS; kill++) {
      const place = scene.random() < 0.5 ? 0 : 1;
      const choose = async () => scene.pipeline.workers[place] as RunningApp;
      killedAt.push(await killAt(scene, killPoint(kill, scene.random) * count, choose));
      await scene.restart('worker', place);
    }
    killedAt.push(await killLeaseHolder(scene, killPoint(KILLS + 1, scene.random) * count));
    scene.faultEnded();
    scene.check(
      'replayed at each kill',
      killedAt.every((at) => at < count),
      killedAt.join(', '),
    );
    await waitForReplay(scene, replay);
    await scene.drained();
    const all = await scene.withRedis(countReplayed);
    scene.check('replayed once each', all === count, all);
  },
});

/** Returns a random point in the middle of the kill's share of the replay. */
const killPoint = (kill: number, random: () => number) => (kill - 0.5 * random()) / (KILLS + 2);

async function createDeadLetters(scene: Scene, count: number): Promise<void> {
  const sent = Math.min(count, REALLY_DIED);
  const connectionOf = (index: number) => CONNECTIONS[index % CONNECTIONS.length];
  const make = (index: number) => troubleWebhook({ trouble: 'throw' }, connectionOf(index));
  await scene.load({ count: sent, perSecond: PER_SECOND, concurrency: CONCURRENCY, make }).done;
  await scene.drained();
  if (count === sent) return;
  await scene.withRedis(async (redis) => {
    const each = Math.ceil((count - sent) / CONNECTIONS.length);
    for (const [index, template] of (await oneDeadLetterPerConnection(redis)).entries()) {
      const first = index * each;
      const options = { prefix: PREFIX, template, first, diedAt: Date.now() - 3_600_000 };
      await seedDeadLetters(redis, { ...options, count: Math.min(each, count - sent - first) });
    }
    // Copies count as sent and accepted, so that the oracle misses them if they are lost.
    for (const id of await redis.zrange(FAILED, '0', '-1')) scene.ledger.accepted.add(id);
  });
  scene.sent = count;
}

/** Returns the id of one dead letter of each connection. */
async function oneDeadLetterPerConnection(redis: Redis): Promise<string[]> {
  const found = new Map<string, string>();
  for (const id of await redis.zrange(FAILED, '0', '-1')) {
    if (found.size === CONNECTIONS.length) break;
    const connection = /"connection":"([^"]+)"/.exec((await redis.hget(`${JOBS}${id}`, 'opts')) ?? '')?.[1];
    if (connection && !found.has(connection)) found.set(connection, id);
  }
  return [...found.values()];
}

/** Waits for `count` replayed deliveries and kills a worker. Returns the number replayed by then. */
async function killAt(scene: Scene, count: number, choose: () => Promise<RunningApp>): Promise<number> {
  return scene.withRedis(async (redis) => {
    // A worker requeues hundreds in a step.
    while ((await countReplayed(redis)) < count) await pause(5);
    const worker = await choose();
    scene.faultStarted();
    worker.signal('SIGKILL');
    await worker.exited;
    return countReplayed(redis);
  });
}

/** Kills the worker that runs the replay, and checks that the other takes over. */
async function killLeaseHolder(scene: Scene, count: number): Promise<number> {
  let holder = '';
  const killedAt = await killAt(scene, count, async () => {
    holder = await waitForLease(scene, () => true);
    return workerOf(scene, holder);
  });
  const start = performance.now();
  await waitForLease(scene, (lease) => lease !== holder);
  scene.atMost('takeover by the other worker, s', (performance.now() - start) / 1_000, TAKEN_OVER);
  await scene.restart('worker', scene.pipeline.workers.indexOf(workerOf(scene, holder)));
  return killedAt;
}

/** A lease is `<host>:<process id>:<uuid>`. */
const pidOf = (lease: string) => Number(lease.split(':').at(-2));

function workerOf(scene: Scene, lease: string): RunningApp {
  const worker = scene.pipeline.workers.find(({ pid }) => pid === pidOf(lease));
  if (!worker) throw new Error(`no worker has the lease ${lease}`);
  return worker;
}

/** Waits for a matching lease of the replay and returns it. */
async function waitForLease(scene: Scene, fits: (lease: string) => boolean): Promise<string> {
  return scene.withRedis(async (redis) => {
    const [id] = await redis.zrange(`${PREFIX}:replays`, '0', '0');
    for (;;) {
      const lease = await redis.get(`${PREFIX}:replay:${id}:lease`);
      if (lease && fits(lease)) return lease;
      await pause(50);
    }
  });
}

async function waitForReplay(scene: Scene, replay: RunningSluice): Promise<void> {
  const { code, stdout } = await replay.ended;
  scene.recovery = (Date.now() - scene.faultEndedAt) / 1_000;
  scene.check('replay completes', code === 0, stdout.trim().split('\n').at(-1) ?? '');
}

async function countReplayed(redis: Redis): Promise<number> {
  const counts = await redis.hmget(`${PREFIX}:ledger`, ...CONNECTIONS.map((id) => `${id}\0replayed`));
  return counts.reduce((sum, count) => sum + Number(count ?? 0), 0);
}
