/** What a removal of a delivery is counted as; one that removes for another reason adds its counter here. */
export const REMOVALS = ['erased'] as const;

export type Removal = (typeof REMOVALS)[number];

/**
 * How a delivery ends, once and for all; but for `discarded`, which an operator may undo for a day, so that it goes
 * down again.
 */
const ENDS = ['delivered', 'recorded', ...REMOVALS, 'discarded', 'expired'] as const;

/**
 * What is counted for each connection. `accepted` are all that came in and were new; of the others
 * `dead` goes down when a dead letter is replayed, discarded or removed, and all the rest only go up.
 */
export const COUNTERS = [
  'accepted',
  'duplicates',
  'ignored',
  ...ENDS,
  'reconciled',
  'dead',
  'replayed',
] as const;

export type Counter = (typeof COUNTERS)[number];

export type Counts = Readonly<Record<Counter, number>>;

/** The hash that holds the counters of all connections. */
export function ledgerKey(prefix: string): string {
  return `${prefix}:ledger`;
}

/**
 * Counters of the connection of that name are of deliveries that were stored before there was a ledger. They
 * were accepted when it was begun, whatever their connection.
 */
export const BEFORE = '';

/** Sorts the fields of the hash, `<connection>\0<counter>`, by connection. */
export function readCounters(fields: readonly string[]): Map<string, Counts> {
  const ledger = new Map<string, Record<Counter, number>>();
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [connection = '', counter = ''] = fields[index]?.split('\0') ?? [];
    const counts = ledger.get(connection) ?? noCounts();
    if (counter in counts) counts[counter as Counter] = Number(fields[index + 1]);
    ledger.set(connection, counts);
  }
  return ledger;
}

/** What is still to be delivered, by the counters: the equation, solved for it. */
export function pendingOf(counts: Counts): number {
  return ENDS.reduce((left, end) => left - counts[end], counts.accepted) - counts.dead;
}

export function noCounts(): Record<Counter, number> {
  return Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Record<Counter, number>;
}
