import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commit, machine } from '../faults/results.ts';
import { renderMarkdown, renderMemory, renderSum } from './render.ts';
import type { SoakOutcome } from './run-soak.ts';

const PATH = fileURLToPath(new URL('../../bench/results/soak.md', import.meta.url));

/** Keeps the results of a full run, with what is needed to run it again. Returns where they are. */
export async function writeResults(outcome: SoakOutcome): Promise<string> {
  const { minutes, seed } = outcome.options;
  const text = `# The soak

Written by \`npm run soak\`: one pipeline (two ingests, two workers, a Redis with appendfsync always, the sandbox)
under 40 things a second, with faults chosen by a seed. After each round all is healed and drained, and three
accounts are compared: what the sender was told with what the sandbox committed (lost, extra, of the whole run so
far), a model of what must become of each thing, and \`sluice ledger --deep\`. How: \`tests/soak/\`.

- ${renderSum(outcome)}, ${new Date().toISOString()}
- ${renderMemory(outcome.memory)}
- commit ${commit()}
- ${machine()}
- again: \`npm run soak -- --minutes ${minutes} --seed ${seed}\`; what is sent and which faults strike is the same, the
  moments are not

${renderMarkdown(outcome.rounds)}
`;
  await mkdir(dirname(PATH), { recursive: true });
  await writeFile(PATH, text);
  return PATH;
}
