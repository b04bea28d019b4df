import { setTimeout as pause } from 'node:timers/promises';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';

const PER_SECOND = 100;
const FULL = 5_000;

/** Limits the memory that Redis may use; `0` is no limit. */
export const setMaxMemory = (scene: Scene, limit: string) =>
  scene.withRedis((redis) => redis.config('SET', 'maxmemory', limit));

export const redisFull: Row = {
  row: 5,
  fault: 'Redis out of memory',
  passes: '503, and it drains after',
  async run(scene) {
    const load = scene.load({ perSecond: PER_SECOND });
    await load.accepted(2 * PER_SECOND);
    // Less than it holds: whatever would write is refused.
    await setMaxMemory(scene, '1mb');
    scene.faultStarted();
    await load.answer(({ status }) => status === 503);
    await pause(FULL);
    const during = scene.responses.filter(({ sentAt }) => sentAt > scene.faultStartedAt);
    const others = during.filter(({ status }) => status !== 503).length;
    scene.check('answers but 503 while it was full', during.length > 0 && others === 0, others);
    await setMaxMemory(scene, '0');
    scene.faultEnded();
    await load.stop();
    await scene.drained();
  },
};
