import type { Row } from '../row.ts';
import { LOCK, TIMES } from '../scene.ts';

const LATE = 20;
const ORDERS = 60;
/** Milliseconds: four times the worker's timeout, like 60 s compared with 15 s in production. */
const LATENCY = 4 * TIMES.apiTimeout;

const late = (when: 'before' | 'after'): Row => ({
  row: 7,
  fault: `API responds after ${LATENCY / 1_000} s, timeout ${TIMES.apiTimeout / 1_000} s; delay ${when} the commit`,
  passes: 'timeout shorter than the lock; extra = 0',
  extra: 'none',
  // Longer than the API takes, like 70 s compared with 60 s in production.
  options: { env: { SLUICE_SETTLE_MS: String(LATENCY + 1_000) } },
  async run(scene) {
    const { sandbox } = scene.pipeline;
    await sandbox.addFault({ kind: 'latency', ms: LATENCY, when, times: LATE });
    scene.faultStarted();
    const load = scene.load({ count: ORDERS });
    await load.done;
    await sandbox.waitFor({ calls: LATE });
    scene.faultEnded();
    await scene.drained();
    scene.recovery = (Date.now() - scene.faultEndedAt) / 1_000;
    const slowest = Math.max(...scene.attempts().map(({ ms }) => Number(ms)));
    scene.check('slowest attempt < lock, ms', slowest >= TIMES.apiTimeout && slowest < LOCK, slowest);
  },
});

export const lateResponses: readonly Row[] = [late('before'), late('after')];
