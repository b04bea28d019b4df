import { setTimeout as pause } from 'node:timers/promises';
import type { SandboxCall } from '@sluice/testing';
import type { Row } from '../row.ts';

const ORDERS = 60;
/** Milliseconds: more than a third of the retry budget. */
const ERRORS = 20_000;
const BUDGET = '1m';
/** The first waits of the retry schedule in milliseconds, with their tolerance. */
const WAITS = [1_000, 5_000] as const;
const JITTER = 0.2;
/** Milliseconds of tolerance for the attempt itself and a busy machine. */
const SLACK = 1_500;

export const apiErrors: Row = {
  row: 9,
  fault: `API 5xx for ${ERRORS / 1_000} s, with a retry budget of ${BUDGET}`,
  passes: 'no dead letter inside the budget; retries jittered',
  extra: 'none',
  options: { connections: [{ id: 'shop', retry: { for: BUDGET } }] },
  async run(scene) {
    const { sandbox } = scene.pipeline;
    // 500 and 503 are rejections. After 502 and 504 an event may exist.
    await sandbox.addFault({ kind: 'status', status: 503, probability: 0.5, seed: scene.seed });
    await sandbox.addFault({ kind: 'error', error: 'Internal' });
    scene.faultStarted();
    await scene.load({ count: ORDERS, concurrency: ORDERS }).done;
    await pause(ERRORS);
    await sandbox.clearFaults();
    scene.faultEnded();
    await scene.drained();
    scene.recovery = (Date.now() - scene.faultEndedAt) / 1_000;
    const calls = callsOf(await sandbox.calls());
    for (const [index, wait] of WAITS.entries()) {
      const waited = calls.map((times) => (times[index + 1] ?? Number.NaN) - (times[index] ?? Number.NaN));
      const [least, most] = [Math.min(...waited), Math.max(...waited)];
      const inBounds = least >= wait * (1 - JITTER) && most <= wait * (1 + JITTER) + SLACK;
      // 60 deliveries do not spread over a third of the range by chance.
      const spread = most - least >= (2 * JITTER * wait) / 3;
      scene.check(`wait ${index + 1}, ms`, inBounds && spread, `${least}–${most}`);
    }
  },
};

/** Returns the times of each delivery's calls in milliseconds since the epoch. */
function callsOf(calls: readonly SandboxCall[]): number[][] {
  const byDelivery = new Map<string, number[]>();
  for (const { deliveryId, at } of calls) {
    const id = deliveryId ?? '';
    byDelivery.set(id, [...(byDelivery.get(id) ?? []), at]);
  }
  return [...byDelivery.values()];
}
