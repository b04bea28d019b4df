import { afterAll, beforeAll, expect, test } from 'vitest';
import { rows } from './abuse/all-rows.ts';
import { runRow } from './abuse/row.ts';
import { startTarget, type Target } from './abuse/target.ts';

let target: Target;

beforeAll(async () => {
  target = await startTarget({
    slowClients: 300,
    madeUpNames: 1_000,
    headersTimeout: 1_500,
    requestTimeout: 3_000,
  });
});

afterAll(() => target.stop());

// `npm run abuse` runs the same rows at full size and prints a table.
test.each(rows.map((row) => ({ name: `${row.row}: ${row.input}`, row })))('$name', async ({ row }) => {
  const outcome = await runRow(row, target);
  expect(outcome.got, outcome.detail).toBe(row.expected);
});
