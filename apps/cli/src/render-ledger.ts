import type { Difference, Ledger, LedgerRow, StoredComparison } from '@sluice/queue';
import { figure } from './printed.ts';

const ENDS = ['delivered', 'recorded', 'erased', 'dead', 'pending'] as const;

/** Ends that most never see: they are shown where there are any. */
const RARE_ENDS = ['discarded', 'expired'] as const;

const REST = ['duplicates', 'ignored', 'replayed', 'reconciled'] as const;

type Column = 'accepted' | (typeof ENDS | typeof RARE_ENDS | typeof REST)[number];

type Figures = Pick<LedgerRow, Column>;

/** Lays the ledger out: a line a connection, their total, and whether it balances. */
export function renderLedger({ rows, total, differences }: Ledger): string {
  const columns: readonly Column[] = ['accepted', ...endsOf(total), ...REST];
  const cells = (figures: Figures) => columns.map((name) => figure(figures[name]));
  const lines = rows.map((row) => [nameOf(row.connection), ...cells(row)]);
  if (rows.length > 1) lines.push(['total', ...cells(total)]);
  const table = [['connection', ...columns].map((name) => name.toUpperCase()), ...lines];
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

const endsOf = (total: Figures) => [...ENDS, ...RARE_ENDS.filter((name) => total[name] !== 0)];

function verdict(total: Figures, differences: readonly Difference[]): string[] {
  const ends = endsOf(total)
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
