import type { Row } from '../row.ts';
import { LOCK, TIMES } from '../scene.ts';

const ORDERS = 40;
/** Milliseconds for a busy machine, beside the lock and the stalled interval. */
const SLACK = 2_000;

export const workerKilled: Row = {
  row: 2,
  fault: 'worker killed in createEvent, its events committed',
  passes: 'extra = 0; rerun within lock + stall interval',
  extra: 'none',
  options: { workers: 2 },
  async run(scene) {
    const { sandbox, workers } = scene.pipeline;
    const [victim, survivor] = workers;
    await scene.warmUp();
    const { distinct } = await sandbox.ledger();
    await sandbox.addFault({ kind: 'hold' });
    // Frozen, so that the other takes all of them.
    survivor?.signal('SIGSTOP');
    await scene.load({ count: ORDERS, concurrency: ORDERS }).done;
    await sandbox.waitFor({ distinct: distinct + ORDERS });
    scene.faultStarted();
    victim?.signal('SIGKILL');
    await victim?.exited;
    survivor?.signal('SIGCONT');
    await sandbox.clearFaults();
    scene.faultEnded();
    await scene.drained();
    const times = scene.attempts().map(({ time }) => Date.parse(String(time)) - scene.faultStartedAt);
    const taken = times.filter((time) => time > 0);
    scene.recovery = Math.max(...taken) / 1_000;
    scene.check('deliveries rerun', taken.length >= ORDERS, taken.length);
    scene.atMost(
      'all rerun within lock + stall interval, ms',
      Math.max(...taken),
      LOCK + TIMES.stalledInterval + SLACK,
    );
  },
};
