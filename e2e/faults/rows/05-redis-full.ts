import { setTimeout as pause } from 'node:timers/promises';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';

const PER_SECOND = 100;
const FULL = 5_000;

/** Sets the memory limit of Redis; `0` removes it. */
export const setMaxMemory = (scene: Scene, limit: string) =>
  scene.withRedis((redis) => redis.config('SET', 'maxmemory', limit));

export const redisFull: Row = {
  row: 5,
  fault: 'Redis out of memory',
  passes: '503, then drains',
  async run(scene) {
    const load = scene.load({ perSecond: PER_SECOND });
    await load.accepted(2 * PER_SECOND);
    // Below the used memory: Redis rejects all writes.
    await setMaxMemory(scene, '1mb');
    scene.faultStarted();
    await load.answer(({ status }) => status === 503);
    await pause(FULL);
    const during = scene.responses.filter(({ sentAt }) => sentAt > scene.faultStartedAt);
    const others = during.filter(({ status }) => status !== 503).length;
    scene.check('responses other than 503 while full', during.length > 0 && others === 0, others);
    await setMaxMemory(scene, '0');
    scene.faultEnded();
    await load.stop();
    await scene.drained();
  },
};
