import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Measures, type Outcome, passed, type Row } from './row.ts';

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

- ${renderSummary(outcomes)}, ${Math.round(seconds)} s in all, ${new Date().toISOString()}
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

interface Column {
  readonly title: string;
  readonly width: number;
  of(measures: Measures): string | number | undefined;
}

const COLUMNS: readonly Column[] = [
  { title: 'sent', width: 6, of: ({ sent }) => sent },
  { title: '2xx', width: 6, of: ({ accepted }) => accepted },
  { title: 'created', width: 7, of: ({ created }) => created },
  { title: 'dead', width: 6, of: ({ dead }) => dead },
  { title: 'lost', width: 4, of: ({ lost }) => lost },
  { title: 'extra', width: 5, of: ({ extra }) => extra },
  { title: 'reconciled', width: 10, of: ({ reconciled }) => reconciled },
  { title: '1st 503, ms', width: 11, of: ({ first503 }) => first503 },
  { title: 'recovery, s', width: 11, of: ({ recovery }) => recovery?.toFixed(1) },
  { title: 'memory, MiB', width: 11, of: ({ memory }) => memory },
  { title: 'fsync', width: 8, of: ({ fsync }) => fsync },
];

const FAULT_WIDTH = 58;

const titles = ['row', 'fault', ...COLUMNS.map(({ title }) => title), 'seed', 's', 'verdict'];

/** Cells of one row, the same for people and for the file of results. */
function cells({ row, seed, seconds, measures, ...outcome }: Outcome): string[] {
  const numbers = COLUMNS.map((column) => String((measures && column.of(measures)) ?? '–'));
  return [
    String(row.row),
    row.fault,
    ...numbers,
    String(seed),
    seconds.toFixed(0),
    verdict({ row, checks: outcome.checks }),
  ];
}

/** ok with what was measured against the row's own criteria, or what failed. */
function verdict({ row, checks }: { row: Row; checks: Outcome['checks'] }): string {
  const failed = checks.filter(({ ok }) => !ok);
  if (failed.length > 0) return `FAILED ${failed.map(({ what, got }) => `${what}: ${got}`).join('; ')}`;
  const own = checks.filter(({ what }) => !/^(lost|extra|dead|all that was sent|sluice ledger)/.test(what));
  return `ok ${own.map(({ what, got }) => `${what}: ${got}`).join('; ') || row.passes}`;
}

const WIDTHS = [3, FAULT_WIDTH, ...COLUMNS.map(({ title, width }) => Math.max(title.length, width)), 10, 4];

/** Titles of the lines that `renderLine` gives. */
export const renderTitles = (): string => align(titles);

/** One line a row, to be printed as it ends. */
export const renderLine = (outcome: Outcome): string => align(cells(outcome));

function align(texts: readonly string[]): string {
  return texts
    .map((text, index) => {
      const width = WIDTHS[index] ?? 0;
      return index === 1 ? text.padEnd(width) : text.padStart(width);
    })
    .join(' | ');
}

/** The same as Markdown. */
function renderMarkdown(outcomes: readonly Outcome[]): string {
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(titles),
    line(titles.map(() => '---')),
    ...outcomes.map((outcome) => line(cells(outcome))),
  ].join('\n');
}

/** How many there were, and how many failed. */
export function renderSummary(outcomes: readonly Outcome[]): string {
  const failed = outcomes.filter((outcome) => !passed(outcome)).length;
  return `${outcomes.length} rows, ${failed} failed`;
}
