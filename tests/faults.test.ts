import { expect, test } from 'vitest';
import { workerKilled } from './faults/rows/02-worker-killed.ts';
import { tokenRevoked } from './faults/rows/10-token-revoked.ts';
import { atOnce } from './faults/rows/18-at-once.ts';
import { runRow } from './faults/run-row.ts';

const SEED = 20_261_123;

// A short selection: `npm run faults` runs the matrix, and the checks of its oracle.
test.each([workerKilled, tokenRevoked, atOnce].map((row) => ({ name: `${row.row}: ${row.fault}`, row })))(
  '$name',
  async ({ row }) => {
    const { checks } = await runRow(row, SEED);
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  },
);
