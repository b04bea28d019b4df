import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '../measure.ts';
import type { Row } from '../row.ts';
import { LOCK, type Scene, TIMES } from '../scene.ts';
import { order } from '../webhooks.ts';

const PER_SECOND = 50;
const HANGS = 4_000;

const hangs: Row = {
  row: 11,
  fault: 'API hangs: half-open TCP connection',
  passes: 'timeout; extra = 0',
  extra: 'none',
  options: { proxied: 'sandbox' },
  async run(scene) {
    const load = scene.load({ perSecond: PER_SECOND });
    await load.accepted(2 * PER_SECOND);
    scene.faultStarted();
    scene.proxy.blackHole();
    await pause(HANGS);
    scene.proxy.restore();
    scene.faultEnded();
    await load.stop();
    await scene.drained();
    scene.recovery = (Date.now() - scene.faultEndedAt) / 1_000;
    const timedOut = scene.attempts(({ outcome }) => outcome === 'retry').length;
    scene.check('attempts without a response', timedOut > 0, timedOut);
    const slowest = Math.max(...scene.attempts().map(({ ms }) => Number(ms)));
    scene.check('slowest attempt, ms', slowest >= TIMES.apiTimeout && slowest < LOCK, slowest);
  },
};

/** Webhooks a second of each of two bots, and milliseconds without a response for one of them. */
const EACH = 20;
const STUCK = 15_000;
/** How often a delivery may be taken without a permit while its bot hangs: waits double up to 5 s. */
const TAKEN = 12;
/** Milliseconds. */
const LAG = 1_000;

const oneBotHangs: Row = {
  row: 11,
  fault: `API hangs for one bot of two, ${STUCK / 1_000} s`,
  passes: 'extra = 0; the other bot is unaffected; waiting deliveries are not taken repeatedly',
  extra: 'none',
  options: {
    connections: [
      { id: 'stuck', bot: 'stuck-bot' },
      { id: 'free', bot: 'free-bot' },
    ],
    // Few enough that one bot's calls could occupy all of them.
    env: { SLUICE_WORKER_CONCURRENCY: '8', SLUICE_SETTLE_MS: String(STUCK + 1_000) },
  },
  async run(scene) {
    const { sandbox } = scene.pipeline;
    await sandbox.addFault({ kind: 'latency', ms: STUCK, when: 'before', match: { botId: 'stuck-bot' } });
    scene.faultStarted();
    const make = (index: number) => order(index % 2 ? 'stuck' : 'free');
    const load = scene.load({ perSecond: 2 * EACH, make });
    await pause(STUCK);
    const taken = waitsOf(scene, 'stuck');
    const lags = scene.attempts(
      ({ connection, outcome }) => connection === 'free' && outcome === 'delivered',
    );
    await sandbox.clearFaults();
    scene.faultEnded();
    await load.stop();
    await scene.drained();
    scene.recovery = (Date.now() - scene.faultEndedAt) / 1_000;
    const late = percentile(
      lags.map(({ lagMs }) => Number(lagMs)),
      0.99,
    );
    scene.atMost('lag of the other bot, p99, ms', late, LAG);
    scene.atMost('taken without a permit', Math.max(...taken), TAKEN);
  },
};

/** Returns how often each delivery of a connection was taken without a permit. */
function waitsOf(scene: Scene, of: string): number[] {
  const takings = new Map<unknown, number>();
  for (const { delivery } of scene.attempts((line) => line.connection === of && line.outcome === 'paced')) {
    takings.set(delivery, (takings.get(delivery) ?? 0) + 1);
  }
  return [...takings.values()];
}

export const apiHangs: readonly Row[] = [hangs, oneBotHangs];
