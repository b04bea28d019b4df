import type { Difference, Ledger, LedgerRow, StoredComparison } from '@sluice/queue';
import { figure } from './printed.ts';

const COLUMNS = [
  ...['accepted', 'delivered', 'recorded', 'erased', 'dead', 'pending'],
  ...['duplicates', 'ignored', 'replayed', 'reconciled'],
] as const satisfies readonly (keyof LedgerRow)[];

type Figures = Pick<LedgerRow, (typeof COLUMNS)[number]>;

/** Lays the ledger out: a line a connection, their total, and whether it balances. */
export function renderLedger({ rows, total, differences }: Ledger): string {
  const lines = rows.map((row) => [nameOf(row.connection), ...cells(row)]);
  if (rows.length > 1) lines.push(['total', ...cells(total)]);
  const table = [['connection', ...COLUMNS].map((name) => name.toUpperCase()), ...lines];
  return [...(rows.length > 0 ? align(table) : []), ...verdict(total, differences)].join('\n');
}

/** Says what a walk over all that is stored came to. */
export function renderComparison({ compared, moved, differences }: StoredComparison): string {
  return [
    `counted one by one: ${plural(compared, 'connection')} compared, ${plural(differences.length, 'difference')}`,
    ...differences.map(describe),
    ...(moved.length > 0
      ? [
          `${plural(moved.length, 'connection')} had traffic meanwhile, not compared: ${moved.map(nameOf).join(', ')}`,
        ]
      : []),
  ].join('\n');
}

function verdict(total: Figures, differences: readonly Difference[]): string[] {
  const ends = (['delivered', 'recorded', 'erased', 'dead', 'pending'] as const)
    .map((name) => `${figure(total[name])} ${name}`)
    .join(' + ');
  const equation = `${figure(total.accepted)} accepted = ${ends}`;
  if (differences.length === 0) return [`the ledger balances: ${equation}`];
  return [`the ledger does not balance: ${equation}, but`, ...differences.map(describe)];
}

function describe({ connection, of, counted, stored }: Difference): string {
  const whose = connection === undefined ? '' : `${nameOf(connection)}: `;
  const claim = `  ${whose}${figure(counted)} ${of} by the counters`;
  if (stored === undefined) return `${claim}, which cannot be`;
  const by = figure(Math.abs(stored - counted));
  return `${claim}, ${figure(stored)} there: ${by} ${stored < counted ? 'missing' : 'too many'}`;
}

function nameOf(connection: string): string {
  return connection === '' ? '(before the ledger)' : connection;
}

function cells(figures: Figures): string[] {
  return COLUMNS.map((name) => figure(figures[name]));
}

/** The first column to the left, numbers to the right. */
function align(table: readonly (readonly string[])[]): string[] {
  const widths = (table[0] ?? []).map((_, column) =>
    table.reduce((width, line) => Math.max(width, line[column]?.length ?? 0), 0),
  );
  return table.map((line) =>
    line
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
}

const plural = (count: number, what: string): string => `${figure(count)} ${what}${count === 1 ? '' : 's'}`;
