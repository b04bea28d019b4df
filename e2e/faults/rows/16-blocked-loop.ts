import type { Row } from '../row.ts';
import { LOCK } from '../scene.ts';
import { TROUBLE_MODULE, troubleWebhook } from '../webhooks.ts';

const PER_SECOND = 40;
const WEBHOOKS = 400;
/** Every n-th delivery blocks its worker. */
const EVERY = 100;

export const blockedLoop: Row = {
  row: 16,
  fault: `event loop blocked ${(2 * LOCK) / 1_000} s, twice the lock, ${WEBHOOKS / EVERY} times`,
  passes: 'extra = 0',
  extra: 'none',
  options: {
    workers: 2,
    module: TROUBLE_MODULE,
    connections: [{ id: 'trouble', source: 'trouble' }],
  },
  async run(scene) {
    // Keeps calls in flight when a loop blocks.
    await scene.pipeline.sandbox.addFault({ kind: 'latency', ms: 200, when: 'after' });
    scene.faultStarted();
    const make = (index: number) =>
      troubleWebhook(index % EVERY === EVERY / 2 ? { trouble: 'block', ms: 2 * LOCK } : { trouble: 'none' });
    await scene.load({ count: WEBHOOKS, perSecond: PER_SECOND, make }).done;
    await scene.drained();
    const slowest = Math.max(...scene.attempts().map(({ ms }) => Number(ms)));
    scene.check('longest attempt > lock, ms', slowest > LOCK, slowest);
  },
};
