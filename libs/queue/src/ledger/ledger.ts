import { BEFORE, COUNTERS, type Counts, noCounts, pendingOf } from '../bullmq/ledger-counters.ts';

/** The counters of a connection or of all, and what follows from them. */
export type Balance = Counts & {
  readonly pending: number;
  /** Delivered, and the final status of the event in the bot is looked up. */
  readonly awaiting: number;
  /** Delivered, and the final status of the event will not be known. */
  readonly unknown: number;
};

export interface LedgerRow extends Balance {
  /** Empty for deliveries that are older than the ledger. */
  readonly connection: string;
}

/** Number of stored deliveries. */
export interface Stored {
  readonly pending: number;
  readonly dead: number;
}

/** A difference between the counters and the stored deliveries. */
export interface Difference {
  /** Undefined for the total of all connections. */
  readonly connection?: string;
  readonly of: keyof Stored | 'unknown';
  readonly counted: number;
  /** Undefined if the counter is below zero, so that nothing was compared. */
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

/** What must not be negative: fewer deliveries than events that are processed or awaited. */
const AT_LEAST_ZERO = [...OF, 'unknown'] as const;

/**
 * Balances the ledger: compares the counters of all connections with the stored deliveries.
 *
 * @param awaiting the number of events without a final status, by connection
 */
export function balanceLedger(
  counters: ReadonlyMap<string, Counts>,
  stored: Stored,
  awaiting: ReadonlyMap<string, number> = new Map(),
): Ledger {
  const rows = [...(counters.size > 0 ? counters : initialRow(stored))]
    .map(([connection, counts]) => ({ connection, ...balance(counts, awaiting.get(connection) ?? 0) }))
    .sort((one, other) => (one.connection < other.connection ? -1 : 1));
  const total = totalOf(rows);
  const differences: Difference[] = [
    ...OF.map((of) => ({ of, counted: total[of], stored: stored[of] })).filter(
      (one) => one.counted !== one.stored,
    ),
    ...rows.flatMap((row) =>
      AT_LEAST_ZERO.filter((of) => row[of] < 0).map((of) => ({
        connection: row.connection,
        of,
        counted: row[of],
      })),
    ),
  ];
  return { rows, total, stored, differences, holds: differences.length === 0 };
}

function balance(counts: Counts, awaiting: number): Balance {
  const unknown = counts.delivered - counts.processed - awaiting;
  return { ...counts, pending: pendingOf(counts), awaiting, unknown };
}

function totalOf(rows: readonly LedgerRow[]): Balance {
  const total = noCounts();
  for (const counter of COUNTERS) total[counter] = rows.reduce((sum, row) => sum + row[counter], 0);
  return balance(
    total,
    rows.reduce((sum, row) => sum + row.awaiting, 0),
  );
}

/** Returns the row that the first counted delivery will start the ledger with. */
function initialRow({ pending, dead }: Stored): ReadonlyMap<string, Counts> {
  const accepted = pending + dead;
  return new Map(accepted > 0 ? [[BEFORE, { ...noCounts(), accepted, dead }]] : []);
}

/** The counters of a shard and its stored deliveries. */
export interface ShardLedger {
  readonly counters: ReadonlyMap<string, Counts>;
  readonly stored: Stored;
  /** Events without a final status, by connection. */
  readonly awaiting: ReadonlyMap<string, number>;
}

/**
 * Balances the ledger over all shards. A delivery stays in its shard, so each shard has to balance by itself: a surplus in
 * one must not compensate a deficit in another.
 */
export function mergeLedgers(parts: readonly ShardLedger[]): Ledger {
  const counters = new Map<string, Record<keyof Counts, number>>();
  for (const [connection, counts] of parts.flatMap((part) => [...part.counters])) {
    const sum = counters.get(connection) ?? noCounts();
    for (const counter of COUNTERS) sum[counter] += counts[counter];
    counters.set(connection, sum);
  }
  const awaiting = new Map<string, number>();
  for (const [connection, count] of parts.flatMap((part) => [...part.awaiting])) {
    awaiting.set(connection, count + (awaiting.get(connection) ?? 0));
  }
  const stored = sumOf(parts.map((part) => part.stored));
  const differences = parts.flatMap(
    (part) => balanceLedger(part.counters, part.stored, part.awaiting).differences,
  );
  return { ...balanceLedger(counters, stored, awaiting), differences, holds: differences.length === 0 };
}

/** Adds up the counts of all shards. */
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
  /** Number of connections that were compared. */
  readonly compared: number;
  /** Connections that had traffic during the walk and could not be compared. */
  readonly moved: readonly string[];
  readonly differences: readonly Difference[];
}

const NOTHING: Stored = { pending: 0, dead: 0 };

/**
 * Compares the counters with a walk over the stored deliveries.
 *
 * The walk takes time. It is exact for connections whose counters are the same before and after it: every delivery that
 * appears or ends changes a counter.
 *
 * @param before the ledger before the walk
 * @param after the ledger after the walk
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
