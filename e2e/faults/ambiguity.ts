import { waitUntilDrained } from './queue-contents.ts';
import type { Row } from './row.ts';

const ORDERS = 2_000;
const PER_SECOND = 60;
const KILLS = 8;

/** Of all calls: those whose answer is lost after the event was committed, and before. */
const AFTER = 0.18;
const BEFORE = 0.12;

/** Milliseconds. */
const DRAIN = 200_000;

/** Lost answers and dying workers together: what sending again blindly costs, and what looking first saves. */
function lostAnswers(reconcile: boolean): Row {
  return {
    row: 2,
    fault: `${AFTER * 100} % of answers lost after the commit, ${BEFORE * 100} % before, ${KILLS} kills; ${reconcile ? 'looks first' : 'sends blindly'}`,
    passes: reconcile ? 'extra = 0' : 'extra > 0',
    extra: reconcile ? 'none' : 'some',
    options: { workers: 2, connections: [{ id: 'shop', retry: { reconcile } }] },
    async run(scene) {
      const { sandbox } = scene.pipeline;
      const { seed } = scene;
      await sandbox.addFault({ kind: 'reset', when: 'after', probability: AFTER, seed });
      // The second fault strikes only where the first did not.
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
        'answers lost after and before',
        hits.every((count) => count > 0),
        hits.join(' and '),
      );
      await sandbox.clearFaults();
      // Who fails four times within the load comes again after two minutes.
      await scene.withRedis((redis) => waitUntilDrained(redis, DRAIN));
    },
  };
}

/** Not of the matrix: the same twice, side by side. */
export const ambiguity: readonly Row[] = [lostAnswers(true), lostAnswers(false)];
