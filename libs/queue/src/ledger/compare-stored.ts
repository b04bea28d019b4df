import type { Difference, Ledger, LedgerRow, Stored } from './balance-ledger.ts';
import { COUNTERS } from './counters.ts';

export interface StoredComparison {
  /** Connections whose counters were compared with what is stored of them. */
  readonly compared: number;
  /** Connections that had traffic during the walk, so that there was nothing firm to compare with. */
  readonly moved: readonly string[];
  readonly differences: readonly Difference[];
}

const NOTHING: Stored = { pending: 0, dead: 0 };

/**
 * Compares the counters with a walk over what is stored.
 *
 * A walk takes its time. While nothing of a connection came or went, which two readings of its counters show,
 * it saw all of them, for nothing else makes a delivery appear or end.
 *
 * @param before the ledger as it was before the walk
 * @param after the same, after it
 */
export function compareStored(
  before: Ledger,
  after: Ledger,
  stored: ReadonlyMap<string, Stored>,
): StoredComparison {
  const earlier = byConnection(before);
  const later = byConnection(after);
  const connections = [...new Set([...later.keys(), ...stored.keys()])].sort();
  const moved = connections.filter((connection) => hasMoved(earlier.get(connection), later.get(connection)));
  const movedSet = new Set(moved);
  const unmoved = connections.filter((connection) => !movedSet.has(connection));
  const differences = unmoved.flatMap((connection) => {
    const counted = later.get(connection) ?? NOTHING;
    const there = stored.get(connection) ?? NOTHING;
    return (['pending', 'dead'] as const)
      .filter((of) => counted[of] !== there[of])
      .map((of) => ({ connection, of, counted: counted[of], stored: there[of] }));
  });
  return { compared: unmoved.length, moved, differences };
}

function byConnection({ rows }: Ledger): Map<string, LedgerRow> {
  return new Map(rows.map((row) => [row.connection, row]));
}

function hasMoved(before: LedgerRow | undefined, after: LedgerRow | undefined): boolean {
  return COUNTERS.some((counter) => (before?.[counter] ?? 0) !== (after?.[counter] ?? 0));
}
