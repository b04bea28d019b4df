import { setTimeout as pause } from 'node:timers/promises';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';
import type { TestWebhook } from '../webhooks.ts';

const ORDERS = 1_200;
const KILLS = 6;

/** @param resend changes the webhook of each resend */
export const killIngest = (resend?: (webhook: TestWebhook) => TestWebhook): Row => ({
  row: 1,
  fault: 'ingest killed before and after the enqueue, under load',
  passes: 'one event per webhook',
  extra: 'none',
  async run(scene) {
    const load = scene.load({ count: ORDERS, ...(resend ? { resend } : {}) });
    for (let kill = 0; kill < KILLS; kill++) {
      // At a random point of its sixth of the load.
      await load.accepted(Math.floor(((kill + 0.1 + 0.7 * scene.random()) * ORDERS) / KILLS));
      await (kill % 2 === 0 ? scene.restart('ingest') : killAfterEnqueue(scene));
    }
    await load.done;
    await scene.drained();
    const { before, after } = countKilled(scene);
    scene.check('killed before the enqueue', before > 0, before);
    // A resend with a new id is never a duplicate.
    if (!resend) scene.check('killed after the enqueue', after > 0, after);
  },
});

export const ingestKilled: Row = killIngest();

/** Freezes Redis during the kill, so that requests in flight are stored but never answered. */
async function killAfterEnqueue(scene: Scene): Promise<void> {
  scene.pipeline.redis.signal('SIGSTOP');
  await pause(100);
  scene.pipeline.ingest.signal('SIGKILL');
  await scene.pipeline.ingest.exited;
  scene.pipeline.redis.signal('SIGCONT');
  await scene.start('ingest', 0);
}

/** Counts the requests that ingest died with: before the enqueue (the resend is new) and after it (a duplicate). */
function countKilled({ responses }: Scene): { before: number; after: number } {
  const unanswered = new Set(responses.filter(({ status }) => status === 0).map(({ request }) => request));
  const resent = responses.filter(({ request, result }) => result && unanswered.has(request));
  const after = resent.filter(({ result }) => result === 'duplicate').length;
  return { before: resent.length - after, after };
}
