import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './row.ts';
import { renderMarkdown, renderSum } from './table.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PATH = `${ROOT}bench/results/faults.md`;

/** Keeps the results of a full run, with what is needed to run it again. Returns where they are. */
export async function writeResults(
  outcomes: readonly Outcome[],
  seconds: number,
  seed: number,
): Promise<string> {
  const text = `# The fault matrix

Written by \`npm run faults\`: every row against real processes, a real Redis and the sandbox, compared by two
ledgers that the pipeline does not write. Lost = accepted − delivered − dead − pending; extra = events beyond one
for each thing sent. How: \`e2e/faults/\`.

- ${renderSum(outcomes)}, ${Math.round(seconds)} s in all, ${new Date().toISOString()}
- commit ${commit()}
- ${machine()}
- again: \`npm run faults -- --seed ${seed}\`

${renderMarkdown(outcomes)}
`;
  await mkdir(dirname(PATH), { recursive: true });
  await writeFile(PATH, text);
  return PATH;
}

/** What is checked out. */
export function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  try {
    return `${git('rev-parse', '--short=12', 'HEAD')}${git('status', '--porcelain') ? ', with changes that are not in it' : ''}`;
  } catch {
    return 'unknown';
  }
}

/** What results were measured on. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${cpus().length} cores (${cpu?.model.trim()}), ${memory}, Linux ${release()}, Node ${process.version}`;
}
