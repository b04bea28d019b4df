import { waitUntilDrained } from './queue-contents.ts';
import type { Row } from './row.ts';

const ORDERS = 2_000;
const PER_SECOND = 60;
const KILLS = 8;

/** Shares of calls whose response is lost after and before the event is committed. */
const AFTER = 0.18;
const BEFORE = 0.12;

/** Milliseconds. */
const DRAIN = 200_000;

/** Lost responses and killed workers together: resending blindly doubles events, reconciliation does not. */
function lostAnswers(reconcile: boolean): Row {
  return {
    row: 2,
    fault: `${AFTER * 100} % of responses lost after the commit, ${BEFORE * 100} % before, ${KILLS} kills; ${reconcile ? 'with' : 'without'} reconciliation`,
    passes: reconcile ? 'extra = 0' : 'extra > 0',
    extra: reconcile ? 'none' : 'some',
    options: { workers: 2, connections: [{ id: 'shop', retry: { reconcile } }] },
    async run(scene) {
      const { sandbox } = scene.pipeline;
      const { seed } = scene;
      await sandbox.addFault({ kind: 'reset', when: 'after', probability: AFTER, seed });
      // The second fault applies only to calls that the first left alone.
      const probability = BEFORE / (1 - AFTER);
      await sandbox.addFault({ kind: 'reset', when: 'before', probability, seed: seed + 1 });
      const load = scene.load({ count: ORDERS, perSecond: PER_SECOND });
      for (let kill = 0; kill < KILLS; kill++) {
        await load.accepted(Math.floor(((kill + 0.2 + 0.6 * scene.random()) * ORDERS) / KILLS));
        await scene.restart('worker', kill % 2);
      }
      await load.done;
      const hits = (await sandbox.faults()).map((fault) => fault.hits);
      scene.check(
        'responses lost after and before the commit',
        hits.every((count) => count > 0),
        hits.join(' and '),
      );
      await sandbox.clearFaults();
      // A delivery that fails four times during the load is retried two minutes later.
      await scene.withRedis((redis) => waitUntilDrained(redis, DRAIN));
    },
  };
}

/** Not part of the matrix: the same scenario with and without reconciliation. */
export const ambiguity: readonly Row[] = [lostAnswers(true), lostAnswers(false)];
