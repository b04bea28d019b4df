import { type Measures, type Outcome, passed, type Row } from './row.ts';

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
  const told = checks.filter(({ what }) => !/^(lost|extra|dead|all that was sent|sluice ledger)/.test(what));
  return `ok ${told.map(({ what, got }) => `${what}: ${got}`).join('; ') || row.passes}`;
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
export function renderMarkdown(outcomes: readonly Outcome[]): string {
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(titles),
    line(titles.map(() => '---')),
    ...outcomes.map((outcome) => line(cells(outcome))),
  ].join('\n');
}

/** How many there were, and how many failed. */
export function renderSum(outcomes: readonly Outcome[]): string {
  const failed = outcomes.filter((outcome) => !passed(outcome)).length;
  return `${outcomes.length} rows, ${failed} failed`;
}
