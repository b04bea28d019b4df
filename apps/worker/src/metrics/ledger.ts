import type { Connections } from '@sluice/config';
import { createGauge, type Registry } from '@sluice/observability';
import type { Ledger, LedgerReader } from '@sluice/queue';
import { shareReads } from './share-reads.ts';

export interface LedgerGauges {
  readonly ledger: Pick<LedgerReader, 'readLedger'>;
  /** Returns the current connections. */
  readonly connections: () => Connections;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/**
 * Milliseconds per 1,000 connections for which a ledger is cached. A read of 5,000 connections costs Redis 12 ms and this
 * process at least as much.
 */
const CACHED_FOR = 10_000;

/**
 * Registers gauges of the ledger by connection. Every worker exposes the same values, so queries use `max`, not `sum`.
 * Deliveries of unconfigured connections are summed up as `unknown`.
 */
export function addLedgerGauges(registry: Registry, { ledger, connections, now }: LedgerGauges): void {
  const read = cached(
    shareReads(() => ledger.readLedger()),
    now,
  );
  const addByConnection = (name: ByConnection, column: 'pending' | 'dead' | 'awaiting') =>
    createGauge(registry, name, async (gauge) => {
      const current = await read();
      if (!current) return;
      gauge.reset();
      for (const row of current.rows) gauge.inc(labelsOf(connections(), row.connection), row[column]);
    });
  addByConnection('sluice_connection_pending', 'pending');
  addByConnection('sluice_connection_dead_letters', 'dead');
  addByConnection('sluice_connection_awaiting_status', 'awaiting');
  createGauge(registry, 'sluice_ledger_differences', async (gauge) => {
    const current = await read();
    if (current) gauge.set(current.differences.length);
  });
}

type ByConnection =
  | 'sluice_connection_pending'
  | 'sluice_connection_dead_letters'
  | 'sluice_connection_awaiting_status';

function labelsOf(connections: Connections, id: string): { connection: string; source: string } {
  const connection = connections.get(id);
  return connection
    ? { connection: id, source: connection.source.name }
    : { connection: 'unknown', source: 'unknown' };
}

function cached(
  read: () => Promise<Ledger | undefined>,
  now: () => number,
): () => Promise<Ledger | undefined> {
  let value: Ledger | undefined;
  let staleAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (now() < staleAt) return value;
    const ledger = await read();
    if (ledger) {
      value = ledger;
      staleAt = now() + CACHED_FOR * Math.max(1, ledger.rows.length / 1_000);
    }
    return ledger;
  };
}
