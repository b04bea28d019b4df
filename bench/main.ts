import { benchAnswering } from './answering.ts';
import { benchDeadLetters } from './dead-letters.ts';
import { benchDelivering } from './delivering.ts';
import { benchEndToEnd } from './end-to-end.ts';
import { benchFairness } from './fairness.ts';
import { benchGrowth } from './growth.ts';
import { benchGuarantees } from './guarantees.ts';
import { benchLedger } from './ledger.ts';
import { benchMemory } from './memory.ts';
import { benchObserving } from './observing.ts';
import { benchReplay } from './replay.ts';
import { benchShards } from './shards.ts';
import { benchTracing } from './tracing.ts';

/** `npm run bench <name>`: each prints its numbers as a table, medians of alternated rounds. */
const benches: Record<string, (options: readonly string[]) => Promise<void>> = {
  answering: benchAnswering,
  'dead-letters': benchDeadLetters,
  delivering: benchDelivering,
  'end-to-end': benchEndToEnd,
  fairness: benchFairness,
  growth: benchGrowth,
  guarantees: benchGuarantees,
  ledger: benchLedger,
  memory: benchMemory,
  observing: benchObserving,
  replay: benchReplay,
  shards: benchShards,
  tracing: benchTracing,
};

const name = process.argv[2] ?? '';
const bench = benches[name];
if (!bench) {
  process.stderr.write(`no benchmark "${name}"; there are: ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}
// Else what it has started would outlive it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await bench(process.argv.slice(3));
