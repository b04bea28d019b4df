import type { Row } from '../row.ts';
import { LOCK, TIMES } from '../scene.ts';

const ORDERS = 40;
/** Milliseconds of tolerance for a busy machine. */
const SLACK = 2_000;

export const workerKilled: Row = {
  row: 2,
  fault: 'worker killed during createEvent, after the commit',
  passes: 'extra = 0; retried within lock + stalled interval',
  extra: 'none',
  options: { workers: 2 },
  async run(scene) {
    const { sandbox, workers } = scene.pipeline;
    const [victim, survivor] = workers;
    await scene.warmUp();
    const { distinct } = await sandbox.ledger();
    await sandbox.addFault({ kind: 'hold' });
    // The survivor is frozen so that the victim takes all deliveries.
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
    scene.check('deliveries retried', taken.length >= ORDERS, taken.length);
    scene.atMost(
      'all retried within lock + stalled interval, ms',
      Math.max(...taken),
      LOCK + TIMES.stalledInterval + SLACK,
    );
  },
};
