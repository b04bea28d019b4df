import { runSluice } from '@sluice/testing';
import { readQueueContents } from './queue-contents.ts';
import type { Check } from './row.ts';
import type { Scene } from './scene.ts';

/** The compared part of the output of `sluice ledger --deep --json`. */
interface SluiceLedger {
  readonly holds: boolean;
  readonly total: Readonly<Record<'accepted' | 'delivered' | 'dead' | 'pending', number>>;
  readonly walk: { readonly differences: readonly unknown[] };
}

/**
 * Compares the output of `sluice ledger` with the oracle: the events that the sandbox committed and the deliveries
 * left in the queue, by id. Requires an idle pipeline.
 */
export async function compareWithSluice(scene: Scene): Promise<readonly Check[]> {
  const { stdout, stderr, code } = await (
    await runSluice(['ledger', '--deep', '--json'], { REDIS_URL: scene.redisUrl })
  ).ended;
  if (!stdout)
    return [{ what: 'sluice ledger prints a ledger', ok: false, got: stderr.trim() || `exit ${code}` }];
  const reported = JSON.parse(stdout) as SluiceLedger;
  const { dead, pending } = await scene.withRedis(readQueueContents);
  const created = [...(await scene.commits.delivered()).keys()];
  // A created event whose response was lost is still pending or dead, and not counted as delivered.
  const delivered = created.filter((id) => !dead.has(id) && !pending.has(id)).length;
  const seen = {
    accepted: delivered + dead.size + pending.size,
    delivered,
    dead: dead.size,
    pending: pending.size,
  };
  const off = Object.entries(seen).filter(
    ([name, count]) => reported.total[name as keyof typeof seen] !== count,
  );
  const balances = reported.holds && reported.walk.differences.length === 0 && code === 0;
  return [
    { what: 'sluice ledger balances', ok: balances, got: balances ? 'yes' : stdout },
    {
      what: 'sluice ledger agrees with the oracle',
      ok: off.length === 0,
      got:
        off
          .map(([name, count]) => `${name} ${reported.total[name as keyof typeof seen]}, expected ${count}`)
          .join(', ') || 'yes',
    },
  ];
}
