import { parseArgs } from 'node:util';
import { rows as all } from './all-rows.ts';
import { ambiguity } from './ambiguity.ts';
import { mutants } from './mutants.ts';
import { renderLine, renderSummary, renderTitles, writeResults } from './results.ts';
import { type Outcome, passed, type Row } from './row.ts';
import { replayKilled } from './rows/23-replay-killed.ts';
import { runRow } from './run-row.ts';

/**
 * - `npm run faults`: all rows; writes bench/results/faults.md
 * - `npm run faults -- 3 12`: some rows
 * - `npm run faults -- mutants`: breaks the pipeline on purpose, to check the oracle
 * - `npm run faults -- ambiguity`: lost responses with and without reconciliation
 * - `npm run faults -- 23 --deliveries 100000`: row 23 with that many dead letters
 * - `--seed n`: repeats an earlier run
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    deliveries: { type: 'string' },
  },
});
const seed = Number(values.seed);
const chosen: readonly Row[] = positionals.length === 0 ? [...all, ...mutants] : positionals.flatMap(choose);
if (!Number.isInteger(seed) || chosen.length === 0) {
  process.stderr.write(
    `Unknown row or invalid seed. Pass rows 1 to 24, "mutants" or "ambiguity", and a whole number as --seed.\n`,
  );
  process.exit(2);
}

function choose(name: string): readonly Row[] {
  if (name === 'ambiguity') return ambiguity;
  if (name === '23' && values.deliveries) return [replayKilled(Number(values.deliveries))];
  return name === 'mutants' ? mutants : all.filter(({ row }) => row === Number(name));
}

const start = performance.now();
const outcomes: Outcome[] = [];
process.stdout.write(`${renderTitles()}\n`);
for (const row of chosen) {
  const outcome = await runRow(row, seed);
  outcomes.push(outcome);
  process.stdout.write(`${renderLine(outcome)}\n`);
}
const seconds = (performance.now() - start) / 1_000;
process.stdout.write(`\n${renderSummary(outcomes)}, ${Math.round(seconds)} s, seed ${seed}\n`);
if (positionals.length === 0)
  process.stdout.write(`Written to ${await writeResults(outcomes, seconds, seed)}\n`);
process.exitCode = outcomes.every(passed) ? 0 : 1;
