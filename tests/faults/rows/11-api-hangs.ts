import { setTimeout as pause } from 'node:timers/promises';
import type { Row } from '../row.ts';
import { LOCK, TIMES } from '../scene.ts';

const PER_SECOND = 50;
const HANGS = 4_000;

export const apiHangs: Row = {
  row: 11,
  fault: 'API hangs: half-open TCP, nothing comes back',
  passes: 'timeout; extra = 0',
  extra: 'none',
  options: { proxied: 'sandbox' },
  async run(scene) {
    const load = scene.load({ perSecond: PER_SECOND });
    await load.accepted(2 * PER_SECOND);
    scene.strike();
    scene.proxy.blackHole();
    await pause(HANGS);
    scene.proxy.restore();
    scene.heal();
    await load.stop();
    await scene.drained();
    scene.recovery = (Date.now() - scene.healedAt) / 1_000;
    const timedOut = scene.attempts(({ outcome }) => outcome === 'retry').length;
    scene.check('attempts without an answer', timedOut > 0, timedOut);
    const slowest = Math.max(...scene.attempts().map(({ ms }) => Number(ms)));
    scene.check('slowest attempt, ms', slowest >= TIMES.apiTimeout && slowest < LOCK, slowest);
  },
};
