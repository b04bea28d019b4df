import type { Row } from '../row.ts';

const PER_SECOND = 50;
const RECOVERS_WITHIN = 20;

export const redisHalfOpen: Row = {
  row: 12,
  fault: 'Redis connections half-open; new ones work',
  passes: `recovers ≤ ${RECOVERS_WITHIN} s`,
  extra: 'none',
  options: { proxied: 'redis' },
  async run(scene) {
    const { sandbox } = scene.pipeline;
    const load = scene.load({ perSecond: PER_SECOND, concurrency: 2 * PER_SECOND });
    await load.accepted(2 * PER_SECOND);
    scene.faultStarted();
    scene.proxy.blackHole();
    scene.proxy.restore();
    const first = await load.answer(({ status, sentAt }) => status === 200 && sentAt > scene.faultStartedAt);
    await sandbox.waitForDelivery(first.deliveries[0] ?? '');
    scene.recovery = (Date.now() - scene.faultStartedAt) / 1_000;
    await load.stop();
    await scene.drained();
    scene.atMost('from the fault to a 2xx and its event, s', scene.recovery, RECOVERS_WITHIN);
  },
};
