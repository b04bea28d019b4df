import { BEFORE, COUNTERS, type Counts, noCounts, pendingOf } from './counters.ts';

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
