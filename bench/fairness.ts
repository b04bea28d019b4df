import { startSandbox } from '@sluice/testing';
import { type DrainOptions, runDrain } from './fairness/drain.ts';
import { type DumpOptions, runDump } from './fairness/dump.ts';
import { type EndToEndOptions, runEndToEnd } from './fairness/end-to-end.ts';
import { printDrains, printDumps, printEndToEnd, printThroughput } from './fairness/print.ts';
import { runThroughput, type ThroughputResult } from './fairness/throughput.ts';
import type { VariantName } from './fairness/variants.ts';
import type { CallOrders } from './fairness/worker-process.ts';

interface Plan {
  readonly dump: DumpOptions;
  readonly drain: DrainOptions;
  readonly drained: readonly VariantName[];
  readonly throughput: { readonly size: number; readonly rounds: number };
}

const KEEPING: readonly VariantName[] = ['putBack', 'reservations', 'finishTimes', 'lanes'];

/** Some 8 minutes. */
const FULL: Plan = {
  dump: { size: 50_000, window: 60_000, settled: 15_000 },
  drain: { size: 2_500, eventsPerMinute: 6_000, within: 60_000 },
  drained: KEEPING,
  throughput: { size: 4_000, rounds: 3 },
};

/** Some 1 minute. */
const QUICK: Plan = {
  dump: { size: 2_000, window: 6_000, settled: 2_000 },
  drain: { size: 1_000, eventsPerMinute: 6_000, within: 20_000 },
  drained: ['lanes'],
  throughput: { size: 1_500, rounds: 1 },
};

/** Some 3 minutes. */
const END_TO_END: EndToEndOptions = { size: 50_000, after: 90_000 };

/** Who waits how long when a connection dumps, by each way of keeping a bot's limit, and what that costs? */
export async function benchFairness([mode]: readonly string[]): Promise<void> {
  if (mode === 'end-to-end') return benchEndToEnd(END_TO_END);
  const plan = mode === 'quick' ? QUICK : FULL;
  const dumps = [];
  for (const variant of ['queueLimiter', ...KEEPING] as const) {
    tell(`dump, ${variant}`);
    dumps.push({ variant, result: await runDump(variant, plan.dump) });
  }
  printDumps(plan.dump, dumps);

  const drains = [];
  for (const variant of plan.drained) {
    tell(`drain, ${variant}`);
    drains.push({ variant, result: await runDrain(variant, plan.drain) });
  }
  printDrains(plan.drain, drains);

  printThroughput('a call of 5 ms that costs nothing', await alternate(['noGate', ...KEEPING], plan));
  const sandbox = await startSandbox();
  const call = { apiUrl: sandbox.url };
  printThroughput('createEvent at the sandbox', await alternate(['noGate', 'lanes'], plan, call));
  await sandbox.stop();
}

async function benchEndToEnd(options: EndToEndOptions): Promise<void> {
  printEndToEnd(options, await runEndToEnd(options));
}

async function alternate(
  variants: readonly VariantName[],
  { throughput: { size, rounds } }: Plan,
  call?: CallOrders,
): Promise<Map<VariantName, ThroughputResult[]>> {
  const results = new Map<VariantName, ThroughputResult[]>(variants.map((variant) => [variant, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [variant, list] of results) {
      tell(`throughput, ${variant}, round ${round + 1}`);
      list.push(await runThroughput(variant, size, call));
    }
  }
  return results;
}

function tell(what: string): void {
  process.stderr.write(`${what}\n`);
}
