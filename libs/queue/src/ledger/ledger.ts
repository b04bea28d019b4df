import { BEFORE, COUNTERS, type Counts, noCounts, pendingOf } from '../bullmq/ledger-counters.ts';

/** The counters of a connection or of all, and what follows from them: how many are still to be delivered. */
export type Balance = Counts & { readonly pending: number };

export interface LedgerRow extends Balance {
  /** Empty for deliveries that were stored before there was a ledger. */
  readonly connection: string;
}

/** How many deliveries are there. */
export interface Stored {
  readonly pending: number;
  readonly dead: number;
}

/** Where the counters say another thing than what is there. */
export interface Difference {
  /** Without it, of all together. */
  readonly connection?: string;
  readonly of: keyof Stored;
  readonly counted: number;
  /** Without it, nothing was looked at: the counter is below zero. */
  readonly stored?: number;
}

export interface Ledger {
  /** By name of the connection. */
  readonly rows: readonly LedgerRow[];
  readonly total: Balance;
  readonly stored: Stored;
  readonly differences: readonly Difference[];
  /** Whether every accepted delivery is accounted for. */
  readonly holds: boolean;
}

const OF = ['pending', 'dead'] as const;

/** Draws the balance: do the counters of all connections come to what the queue holds? */
export function balanceLedger(counters: ReadonlyMap<string, Counts>, stored: Stored): Ledger {
  const rows = [...(counters.size > 0 ? counters : notBegun(stored))]
    .map(([connection, counts]) => ({ connection, ...counts, pending: pendingOf(counts) }))
    .sort((one, other) => (one.connection < other.connection ? -1 : 1));
  const total = totalOf(rows);
  const differences: Difference[] = [
    ...OF.map((of) => ({ of, counted: total[of], stored: stored[of] })).filter(
      (one) => one.counted !== one.stored,
    ),
    ...rows.flatMap((row) =>
      OF.filter((of) => row[of] < 0).map((of) => ({ connection: row.connection, of, counted: row[of] })),
    ),
  ];
  return { rows, total, stored, differences, holds: differences.length === 0 };
}

/** Adds up the balances of connections. */
function totalOf(rows: readonly LedgerRow[]): Balance {
  const total = noCounts();
  for (const counter of COUNTERS) total[counter] = rows.reduce((sum, row) => sum + row[counter], 0);
  return { ...total, pending: pendingOf(total) };
}

/** What the first delivery that is counted will begin the ledger with. */
function notBegun({ pending, dead }: Stored): ReadonlyMap<string, Counts> {
  const accepted = pending + dead;
  return new Map(accepted > 0 ? [[BEFORE, { ...noCounts(), accepted, dead }]] : []);
}

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
