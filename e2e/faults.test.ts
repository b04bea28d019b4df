import { expect, test } from 'vitest';
import { ledgerRowDropped } from './faults/mutants.ts';
import { workerKilled } from './faults/rows/02-worker-killed.ts';
import { tokenRevoked } from './faults/rows/10-token-revoked.ts';
import { atOnce } from './faults/rows/18-at-once.ts';
import { mapperThrows } from './faults/rows/21-mapper-throws.ts';
import { runRow } from './faults/run-row.ts';

const SEED = 20_261_123;

/** About 45 s of the matrix. `npm run faults` runs all of it with the checks of its oracle. */
const rows = [workerKilled, tokenRevoked, atOnce, mapperThrows, ledgerRowDropped];

test.each(rows.map((row) => ({ name: `${row.row}: ${row.fault}`, row })))('$name', async ({ row }) => {
  const { checks } = await runRow(row, SEED);
  expect(checks.length).toBeGreaterThan(0);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
});
