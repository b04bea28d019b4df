import { balanceLedger, type Ledger, type Stored } from './balance-ledger.ts';
import { COUNTERS, type Counts, noCounts } from './counters.ts';

/** What a shard counts, and what is there. */
export interface ShardLedger {
  readonly counters: ReadonlyMap<string, Counts>;
  readonly stored: Stored;
}

/**
 * Draws the balance over all shards. Each has to balance by itself, for a delivery stays in its shard: what one counts
 * too many must not make up for what another counts too few.
 */
export function mergeLedgers(parts: readonly ShardLedger[]): Ledger {
  const counters = new Map<string, Record<keyof Counts, number>>();
  for (const [connection, counts] of parts.flatMap((part) => [...part.counters])) {
    const sum = counters.get(connection) ?? noCounts();
    for (const counter of COUNTERS) sum[counter] += counts[counter];
    counters.set(connection, sum);
  }
  const stored = sumOf(parts.map((part) => part.stored));
  const differences = parts.flatMap((part) => balanceLedger(part.counters, part.stored).differences);
  return { ...balanceLedger(counters, stored), differences, holds: differences.length === 0 };
}

/** Adds up what was counted in each shard. */
export function mergeStored(parts: readonly ReadonlyMap<string, Stored>[]): ReadonlyMap<string, Stored> {
  const merged = new Map<string, Stored>();
  for (const [connection, stored] of parts.flatMap((part) => [...part])) {
    merged.set(connection, sumOf([stored, merged.get(connection) ?? { pending: 0, dead: 0 }]));
  }
  return merged;
}

function sumOf(all: readonly Stored[]): Stored {
  return all.reduce((sum, { pending, dead }) => ({ pending: sum.pending + pending, dead: sum.dead + dead }), {
    pending: 0,
    dead: 0,
  });
}
