import { setTimeout as pause } from 'node:timers/promises';
import type { SandboxCall } from '@sluice/testing';
import type { Row } from '../row.ts';

const ORDERS = 60;
/** Ten minutes are a part of 24 h; these milliseconds are more than a third of the budget. */
const ERRORS = 20_000;
const BUDGET = '1m';
/** The schedule's first waits, in milliseconds, and what they may be off by. */
const WAITS = [1_000, 5_000] as const;
const JITTER = 0.2;
/** Milliseconds for the attempt itself and for a busy machine. */
const SLACK = 1_500;

export const apiErrors: Row = {
  row: 9,
  fault: `API 5xx for ${ERRORS / 1_000} s, with a retry budget of ${BUDGET}`,
  passes: 'no dead letter inside the budget; retries jittered',
  extra: 'none',
  options: { connections: [{ id: 'shop', retry: { for: BUDGET } }] },
  async run(scene) {
    const { sandbox } = scene.pipeline;
    // 503 and 500 are refusals; 502 and 504 may have created something.
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
      // A third of the width, by 60 deliveries, does not come by chance.
      const spread = most - least >= (2 * JITTER * wait) / 3;
      scene.check(`wait ${index + 1}, ms`, inBounds && spread, `${least}–${most}`);
    }
  },
};

/** When each delivery's calls came, in milliseconds since the epoch. */
function callsOf(calls: readonly SandboxCall[]): number[][] {
  const byDelivery = new Map<string, number[]>();
  for (const { deliveryId, at } of calls) {
    const id = deliveryId ?? '';
    byDelivery.set(id, [...(byDelivery.get(id) ?? []), at]);
  }
  return [...byDelivery.values()];
}
