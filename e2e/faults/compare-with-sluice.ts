import { runSluice } from '@sluice/testing';
import { readQueueContents } from './queue-contents.ts';
import type { Check } from './row.ts';
import type { Scene } from './scene.ts';

/** What `sluice ledger --deep --json` prints, of which this much is compared. */
interface SluiceLedger {
  readonly holds: boolean;
  readonly total: Readonly<Record<'accepted' | 'delivered' | 'dead' | 'pending', number>>;
  readonly walk: { readonly differences: readonly unknown[] };
}

/**
 * Compares what `sluice ledger` says with the oracle: what the sandbox committed, and what is left in the queue,
 * by delivery id. Ask when nothing moves any more.
 */
export async function compareWithSluice(scene: Scene): Promise<readonly Check[]> {
  const { stdout, stderr, code } = await (
    await runSluice(['ledger', '--deep', '--json'], { REDIS_URL: scene.redisUrl })
  ).ended;
  if (!stdout) return [{ what: 'sluice ledger answers', ok: false, got: stderr.trim() || `exit ${code}` }];
  const reported = JSON.parse(stdout) as SluiceLedger;
  const { dead, pending } = await scene.withRedis(readQueueContents);
  const created = [...(await scene.commits.delivered()).keys()];
  // What is created and yet pending, or dead, ended without its answer: it has not been put down as delivered.
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
          .map(([name, count]) => `${name} ${reported.total[name as keyof typeof seen]}, seen ${count}`)
          .join(', ') || 'yes',
    },
  ];
}
