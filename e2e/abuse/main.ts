import { rows as all } from './all-rows.ts';
import { type Outcome, renderTable, runRow } from './row.ts';
import { startTarget } from './target.ts';

/** `npm run abuse` runs all rows; `npm run abuse -- 6 27` runs some. */
const wanted = process.argv.slice(2).map(Number);
const rows = all.filter(({ row }) => wanted.length === 0 || wanted.includes(row));

/** Timeouts are those of production. */
const target = await startTarget({
  slowClients: 2_000,
  madeUpNames: 10_000,
  headersTimeout: 5_000,
  requestTimeout: 15_000,
});
const outcomes: Outcome[] = [];
try {
  for (const row of rows) {
    const outcome = await runRow(row, target);
    outcomes.push(outcome);
    process.stderr.write(`${outcome.ok ? 'ok    ' : 'FAILED'} ${row.row} ${row.input}\n`);
  }
} finally {
  await target.stop();
}
const failed = outcomes.filter(({ ok }) => !ok).length;
process.stdout.write(`${renderTable(outcomes)}\n\n${outcomes.length} rows, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
