import { type Connection, createConnections } from '@sluice/config';
import { Registry } from '@sluice/observability';
import type { Ledger } from '@sluice/queue';
import { expect, test } from 'vitest';
import { addLedgerGauges } from './ledger.ts';

const connections = createConnections([{ id: 'acme', source: { name: 'shopify' } } as Connection]);

/** Registers gauges for ledger rows `[connection, pending, dead]` and returns their values. */
function createGauges(rows: readonly (readonly [string, number, number])[], differences = 0) {
  const registry = new Registry();
  let reads = 0;
  let clock = 0;
  const ledger = {
    rows: rows.map(([connection, pending, dead]) => ({ connection, pending, dead, awaiting: 10 + dead })),
    differences: Array.from({ length: differences }),
  } as unknown as Ledger;
  addLedgerGauges(registry, {
    ledger: {
      readLedger: async () => {
        reads += 1;
        return ledger;
      },
    },
    connections: () => connections,
    now: () => clock,
  });
  return {
    report: async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith('sluice_')),
    reads: () => reads,
    pass: (milliseconds: number) => {
      clock += milliseconds;
    },
  };
}

test('reports pending, dead and awaiting deliveries by connection, with removed connections as unknown', async () => {
  const { report } = createGauges(
    [
      ['acme', 3, 1],
      ['gone', 5, 2],
      ['', 7, 0],
    ],
    2,
  );
  expect(await report()).toEqual([
    'sluice_connection_pending{connection="acme",source="shopify"} 3',
    'sluice_connection_pending{connection="unknown",source="unknown"} 12',
    'sluice_connection_dead_letters{connection="acme",source="shopify"} 1',
    'sluice_connection_dead_letters{connection="unknown",source="unknown"} 2',
    'sluice_connection_awaiting_status{connection="acme",source="shopify"} 11',
    'sluice_connection_awaiting_status{connection="unknown",source="unknown"} 22',
    'sluice_ledger_differences 2',
  ]);
});

test.each([
  [1, 10_000],
  [5_000, 50_000],
])('with %i connections one read serves all gauges for %i ms', async (count, fresh) => {
  const { report, reads, pass } = createGauges(
    Array.from({ length: count }, (_, index) => [`c${index}`, 1, 0]),
  );
  await report();
  pass(fresh - 1);
  await report();
  expect(reads()).toBe(1);
  pass(1);
  await report();
  expect(reads()).toBe(2);
});
