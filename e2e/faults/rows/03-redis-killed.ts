import type { Load } from '../load.ts';
import { watchForPowerCut } from '../power-cut.ts';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';

const PER_SECOND = 150;
const KILLS = 3;
const BACK_WITHIN = 10;

/** Restarts Redis. Returns the seconds until a webhook gets a 2xx and its event is created. */
async function waitForService(scene: Scene, load: Load): Promise<number> {
  const { redis, sandbox } = scene.pipeline;
  await redis.restart();
  const back = Date.now();
  const answer = await load.answer(({ status, sentAt }) => status === 200 && sentAt >= back);
  await sandbox.waitForDelivery(answer.deliveries[0] ?? '');
  return (Date.now() - back) / 1_000;
}

const killed: Row = {
  row: 3,
  fault: `Redis killed and restarted, ${KILLS} times`,
  passes: `recovery ≤ ${BACK_WITHIN} s`,
  async run(scene) {
    const { redis } = scene.pipeline;
    const load = scene.load({ perSecond: PER_SECOND });
    const backs: number[] = [];
    for (let kill = 1; kill <= KILLS; kill++) {
      await load.accepted(Math.floor((kill + scene.random()) * PER_SECOND));
      if (kill === 1) scene.faultStarted();
      redis.signal('SIGKILL');
      await load.answer(({ status }) => status === 503);
      backs.push(await waitForService(scene, load));
    }
    await load.stop();
    await scene.drained();
    scene.recovery = Math.max(...backs);
    scene.atMost('recovery, s', scene.recovery, BACK_WITHIN);
  },
};

/** A power cut with either fsync policy. With `everysec` the oracle must detect losses. */
export const powerFailure = (fsync: 'always' | 'everysec'): Row => ({
  row: 3,
  fault: `power cut: the AOF is truncated to its last fsync (${fsync})`,
  passes: `recovery ≤ ${BACK_WITHIN} s`,
  options: { redisArgs: ['--appendfsync', fsync] },
  async run(scene) {
    const { redis, worker } = scene.pipeline;
    const power = await watchForPowerCut(redis, scene.workspace.folder);
    const load = scene.load({ perSecond: PER_SECOND });
    await load.accepted(PER_SECOND);
    // Deliveries accepted from now on exist only in Redis: with everysec the oracle must detect their loss.
    worker.signal('SIGSTOP');
    // With everysec, between two fsyncs.
    await load.accepted(Math.floor((2.5 + 0.3 * scene.random()) * PER_SECOND));
    scene.faultStarted();
    const bytes = await power.cut();
    await load.answer(({ status }) => status === 503);
    worker.signal('SIGCONT');
    scene.recovery = await waitForService(scene, load);
    await load.stop();
    await scene.drained();
    scene.atMost('recovery, s', scene.recovery, BACK_WITHIN);
    scene.check('bytes not synced to disk', true, bytes);
  },
});

export const redisKilled: readonly Row[] = [killed, powerFailure('always')];
