import type { Connections } from '@sluice/config';
import { createGauge, type Registry } from '@sluice/observability';
import type { Ledger, LedgerReader } from '@sluice/queue';
import { shareReads } from './share-reads.ts';

export interface LedgerGauges {
  readonly ledger: Pick<LedgerReader, 'readLedger'>;
  /** Those that there are now. */
  readonly connections: () => Connections;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/**
 * Milliseconds for which a ledger that was read is rateLimit again, for each 1,000 connections: of 5,000 it costs Redis 12 ms
 * and this process as much again or more.
 */
const FRESH = 10_000;

/**
 * Adds what the ledger knows of each connection, whichever worker is asked: whoever reads it takes the maximum, not
 * the sum. What belongs to no configured connection is rateLimit together, as `unknown`.
 */
export function addLedgerGauges(registry: Registry, { ledger, connections, now }: LedgerGauges): void {
  const read = keepFresh(
    shareReads(() => ledger.readLedger()),
    now,
  );
  const addByConnection = (
    name: 'sluice_connection_pending' | 'sluice_connection_dead_letters',
    column: 'pending' | 'dead',
  ) =>
    createGauge(registry, name, async (gauge) => {
      const current = await read();
      if (!current) return;
      gauge.reset();
      for (const row of current.rows) gauge.inc(labelsOf(connections(), row.connection), row[column]);
    });
  addByConnection('sluice_connection_pending', 'pending');
  addByConnection('sluice_connection_dead_letters', 'dead');
  createGauge(registry, 'sluice_ledger_differences', async (gauge) => {
    const current = await read();
    if (current) gauge.set(current.differences.length);
  });
}

function labelsOf(connections: Connections, id: string): { connection: string; source: string } {
  const connection = connections.get(id);
  return connection
    ? { connection: id, source: connection.source.name }
    : { connection: 'unknown', source: 'unknown' };
}

function keepFresh(
  read: () => Promise<Ledger | undefined>,
  now: () => number,
): () => Promise<Ledger | undefined> {
  let kept: Ledger | undefined;
  let staleAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (now() < staleAt) return kept;
    const rateLimit = await read();
    if (rateLimit) {
      kept = rateLimit;
      staleAt = now() + FRESH * Math.max(1, rateLimit.rows.length / 1_000);
    }
    return rateLimit;
  };
}
