import type { Row } from './row.ts';
import { killIngest } from './rows/01-ingest-killed.ts';
import { workerKilled } from './rows/02-worker-killed.ts';
import { powerFailure } from './rows/03-redis-killed.ts';
import { lateResponses } from './rows/07-late-responses.ts';
import type { Scene } from './scene.ts';
import { withNewId } from './webhooks.ts';

const blind = [{ id: 'shop', retry: { reconcile: false } }];

/** An attempt without a response is resent without reconciliation. */
const withoutReconciliation: readonly Row[] = [workerKilled, ...lateResponses].map((row) => ({
  ...row,
  fault: `oracle: row ${row.row} without reconciliation`,
  passes: 'extra > 0',
  options: { ...row.options, connections: blind },
  extra: 'some',
}));

const withoutDeduplication: Row = {
  ...killIngest(withNewId),
  fault: 'oracle: row 1 without deduplication, each resend with a new id',
  passes: 'extra > 0',
  extra: 'some',
};

const withoutAlways: Row = {
  ...powerFailure('everysec'),
  fault: 'oracle: row 3 with appendfsync everysec',
  passes: 'lost > 0',
  lost: 'some',
  ledger: 'rolled back',
};

export const ledgerRowDropped: Row = {
  row: 18,
  fault: "oracle: a row dropped from the sandbox's ledger",
  passes: 'lost = 1',
  lost: 'one',
  ledger: 'disagrees',
  async run(scene) {
    await scene.load({ count: 50 }).done;
    await scene.drained();
    dropOne(scene);
  },
};

/** Checks of the oracle: pipelines broken on purpose, which it must detect. */
export const mutants: readonly Row[] = [
  ...withoutReconciliation,
  withoutDeduplication,
  ledgerRowDropped,
  withoutAlways,
];

/** Removes an entry from the sandbox's ledger, which the oracle must detect. */
export function dropOne(scene: Scene): void {
  const { sandbox } = scene.pipeline;
  scene.commits = {
    ledger: sandbox.ledger,
    delivered: async () => new Map([...(await sandbox.delivered())].slice(1)),
  };
}
