import { passed } from '../faults/row.ts';
import { parseOptions } from './parse-options.ts';
import { renderMemory, renderSum } from './render.ts';
import { writeResults } from './results.ts';
import { runSoak } from './run-soak.ts';

/**
 * `npm run soak -- --minutes 30 --seed n` runs one pipeline under load and faults, and compares the result with a
 * model. `--faults none` runs load alone, to measure memory over time. `--mutant` breaks the pipeline on purpose and
 * must fail: `blind` resends without reconciliation, `drop` removes an entry from the sandbox's ledger.
 */
const print = (line: string) => void process.stdout.write(`${line}\n`);

const options = parseOptions(process.argv.slice(2));
if ('mistake' in options) {
  process.stderr.write(`${options.mistake}\n`);
  process.exit(2);
}

/** Minutes from which on a run is written to bench/results. */
const WHOLE = 30;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

print(`seed ${options.seed}, ${options.minutes} min in rounds of ${options.round} s`);
const outcome = await runSoak(options, stop.signal, print);
const { rounds, broken, memory } = outcome;
print(`\n${renderSum(outcome)}`);
print(renderMemory(memory));
const isWhole = options.minutes >= WHOLE && options.mutant === undefined && broken === undefined;
if (isWhole) print(`Written to ${await writeResults(outcome)}`);
const isGood = broken === undefined && rounds.length > 0 && rounds.every(passed);
// Processes that an interrupted fault may still start end with this one.
process.exit(stop.signal.aborted ? 130 : isGood ? 0 : 1);
