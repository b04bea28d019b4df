import { passed } from '../faults/row.ts';
import { parseOptions } from './parse-options.ts';
import { renderMemory, renderSum } from './render.ts';
import { writeResults } from './results.ts';
import { runSoak } from './run-soak.ts';

/**
 * `npm run soak -- --minutes 30 --seed n` runs one pipeline under load and faults, and compares what it did with what
 * it had to do. `--faults none` leaves the faults out, so that the memory of processes can be followed for an hour.
 * `--mutant` breaks it: `blind` sends again without a look, `drop` takes an entry from the sandbox's ledger; either must
 * fail.
 */
const tell = (line: string) => void process.stdout.write(`${line}\n`);

const options = parseOptions(process.argv.slice(2));
if ('mistake' in options) {
  process.stderr.write(`${options.mistake}\n`);
  process.exit(2);
}

/** Minutes of a run that is worth being kept. */
const WHOLE = 30;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

tell(`seed ${options.seed}, ${options.minutes} min in rounds of ${options.round} s`);
const outcome = await runSoak(options, stop.signal, tell);
const { rounds, broken, memory } = outcome;
tell(`\n${renderSum(outcome)}`);
tell(renderMemory(memory));
const isWhole = options.minutes >= WHOLE && options.mutant === undefined && broken === undefined;
if (isWhole) tell(`written: ${await writeResults(outcome)}`);
const isGood = broken === undefined && rounds.length > 0 && rounds.every(passed);
// A fault that was cut short may still be about to start a process: those are ended with this one.
process.exit(stop.signal.aborted ? 130 : isGood ? 0 : 1);
