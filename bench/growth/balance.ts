import { compareStored, createLedgerReader, openShards } from '@sluice/queue';
import { PREFIX } from '../eager-producer.ts';

/**
 * Walks all that is stored and compares it with the ledger, as `sluice ledger --deep` does.
 *
 * @throws an Error if they differ: what was made was not what the pipeline leaves
 */
export async function assertBalance(redisUrl: string): Promise<void> {
  const shards = openShards({ url: redisUrl, name: 'bench', prefix: PREFIX, onError: () => {} });
  await shards.reached;
  const reader = createLedgerReader(shards);
  for (;;) {
    const before = await reader.readLedger();
    const stored = await reader.countStored();
    const after = await reader.readLedger();
    const { differences, moved } = compareStored(before, after, stored);
    // What was under way is compared when it has ended.
    if (moved.length > 0) continue;
    await shards.close();
    if (after.holds && differences.length === 0) return;
    throw new Error(`the ledger does not balance: ${JSON.stringify({ differences, ...after.total })}`);
  }
}
