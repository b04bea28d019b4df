import { OWN_KEYS } from '../keys.ts';

/** Counters of removed deliveries, one per reason. */
export const REMOVALS = ['erased'] as const;

export type Removal = (typeof REMOVALS)[number];

/**
 * Counters of deliveries that have ended. All only go up, except `discarded`, which an operator may restore for a day,
 * and `delivered`.
 */
const ENDS = ['delivered', 'recorded', ...REMOVALS, 'discarded', 'expired'] as const;

/** Counters of events by what became of them in the bot. `processed` is a part of `delivered`. */
const STATUS_COUNTERS = ['processed', 'botFailed', 'botIgnored'] as const;

/**
 * The counters of a connection. `accepted` counts all new deliveries. `dead` goes down when a dead letter is replayed,
 * discarded or removed. `delivered` goes down when the bot failed or ignored the event: the delivery is dead then, or
 * expired if its body is no longer stored. `resent` counts events of deliveries whose earlier event the bot failed or
 * ignored.
 */
export const COUNTERS = [
  'accepted',
  'duplicates',
  'ignored',
  ...ENDS,
  'reconciled',
  'dead',
  'replayed',
  ...STATUS_COUNTERS,
  'resent',
] as const;

export type Counter = (typeof COUNTERS)[number];

export type Counts = Readonly<Record<Counter, number>>;

/** Returns the key of the hash with the counters of all connections. */
export function ledgerKey(prefix: string): string {
  return `${prefix}:${OWN_KEYS.ledger}`;
}

/**
 * The connection that counts deliveries older than the ledger: they were accepted when it started, regardless of their
 * own connection.
 */
export const BEFORE = '';

/** Groups the fields of the hash, `<connection>\0<counter>`, by connection. */
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

/** Returns the pending deliveries: the ledger's equation, solved for them. */
export function pendingOf(counts: Counts): number {
  return ENDS.reduce((left, end) => left - counts[end], counts.accepted) - counts.dead;
}

export function noCounts(): Record<Counter, number> {
  return Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Record<Counter, number>;
}
