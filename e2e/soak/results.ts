import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commit, machine } from '../faults/results.ts';
import { afterWarmUp } from './memory-curve.ts';
import { renderCurve, renderMarkdown, renderMemory, renderSum } from './render.ts';
import type { SoakOutcome } from './run-soak.ts';

const FOLDER = fileURLToPath(new URL('../../bench/results/', import.meta.url));

/** Keeps the results of a full run, with what is needed to run it again. Returns where they are. */
export async function writeResults(outcome: SoakOutcome): Promise<string> {
  const isPlain = outcome.options.faults === 'none';
  const path = `${FOLDER}${isPlain ? 'soak-plain.md' : 'soak.md'}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, isPlain ? renderPlain(outcome) : renderSoak(outcome));
  return path;
}

function renderSoak(outcome: SoakOutcome): string {
  const { minutes, seed, rate } = outcome.options;
  return `# The soak

Written by \`npm run soak\`: one pipeline (two ingests, two workers, a Redis with appendfsync always, the sandbox)
under ${rate} webhooks a second, with faults chosen by a seed. After each round all is healed and drained, and three
accounts are compared: what the sender was told with what the sandbox committed (lost, extra, of the whole run so
far), a model of what must become of each webhook, and \`sluice ledger --deep\`. How: \`e2e/soak/\`.

- ${renderSum(outcome)}, ${new Date().toISOString()}
- ${renderMemory(outcome.memory)}
- commit ${commit()}
- ${machine()}
- again: \`npm run soak -- --minutes ${minutes} --seed ${seed}\`; what is sent and which faults strike is the same, the
  moments are not

${renderMarkdown(outcome.rounds)}
`;
}

function renderPlain(outcome: SoakOutcome): string {
  const { minutes, seed, rate } = outcome.options;
  return `# Memory over time

Written by \`npm run soak -- --faults none\`: the soak's pipeline (two ingests, two workers, a Redis with appendfsync
always, the sandbox) under load alone, so that no process is started anew and what each holds can be followed. Its
rounds end as those with faults do, with all drained and the three accounts compared. How: \`e2e/soak/\`.

- ${renderSum(outcome)}, ${new Date().toISOString()}
- commit ${commit()}
- ${machine()}
- again: \`npm run soak -- --minutes ${minutes} --rate ${rate} --faults none --seed ${seed}\`

Resident memory in MiB; of Redis beside it what it has allocated. What it gains is the slope of the line through the
samples of each minute after the tenth.

${renderCurve(outcome.memory)}

${explainGrowth(outcome.memory)}

The sandbox and the soak keep an account of all events: they stand in for Botpress and the platforms, and are no part of
Sluice.
`;
}

/** What Redis gained, by what was kept. */
function explainGrowth(memory: SoakOutcome['memory']): string {
  const settled = afterWarmUp(memory);
  const [first, last] = [settled[0], settled.at(-1)];
  const data = (sample = first) =>
    sample?.processes.find(({ name }) => name === 'data in Redis')?.mib ?? Number.NaN;
  const deliveries = (last?.accepted ?? 0) - (first?.accepted ?? 0);
  const bytes = ((data(last) - data(first)) * 2 ** 20) / deliveries;
  return `Redis keeps of each delivery the key of its resend, for as long as the source's window, and dead letters whole:
${bytes.toFixed(0)} bytes for each of the ${deliveries} deliveries that were accepted after the tenth minute.`;
}
