import type { Difference, Ledger, LedgerRow, StoredComparison } from '@sluice/queue';
import { formatCount } from './format.ts';

const END_STATES = ['delivered', 'recorded', 'erased', 'dead', 'pending'] as const;

/** Rare end states, shown only if they are not 0. */
const RARE_END_STATES = ['discarded', 'expired'] as const;

const OTHER_COUNTERS = ['duplicates', 'ignored', 'replayed', 'reconciled'] as const;

type Column = 'accepted' | (typeof END_STATES | typeof RARE_END_STATES | typeof OTHER_COUNTERS)[number];

type Counts = Pick<LedgerRow, Column>;

/** Renders one line per connection, the total, and whether the ledger balances. */
export function renderLedger({ rows, total, differences }: Ledger): string {
  const columns: readonly Column[] = ['accepted', ...endStatesOf(total), ...OTHER_COUNTERS];
  const cells = (counts: Counts) => columns.map((name) => formatCount(counts[name]));
  const lines = rows.map((row) => [nameOf(row.connection), ...cells(row)]);
  if (rows.length > 1) lines.push(['total', ...cells(total)]);
  const table = [['connection', ...columns].map((name) => name.toUpperCase()), ...lines];
  return [...(rows.length > 0 ? align(table) : []), ...renderBalance(total, differences)].join('\n');
}

/** Renders the comparison of the counters with the stored deliveries. */
export function renderComparison({ compared, moved, differences }: StoredComparison): string {
  const summary = `${plural(compared, 'connection')} compared, ${plural(differences.length, 'difference')}`;
  return [
    `Stored deliveries counted: ${summary}`,
    ...differences.map(renderDifference),
    ...(moved.length > 0
      ? [`Not compared because of traffic during the count: ${moved.map(nameOf).join(', ')}`]
      : []),
  ].join('\n');
}

const endStatesOf = (total: Counts) => [
  ...END_STATES,
  ...RARE_END_STATES.filter((name) => total[name] !== 0),
];

function renderBalance(total: Counts, differences: readonly Difference[]): string[] {
  const sum = endStatesOf(total).map((name) => `${formatCount(total[name])} ${name}`);
  const equation = `${formatCount(total.accepted)} accepted = ${sum.join(' + ')}`;
  if (differences.length === 0) return [`Ledger balances: ${equation}`];
  return [`Ledger does not balance: ${equation}`, ...differences.map(renderDifference)];
}

function renderDifference({ connection, of, counted, stored }: Difference): string {
  const prefix = connection === undefined ? '' : `${nameOf(connection)}: `;
  const counters = `  ${prefix}${formatCount(counted)} ${of} by the counters`;
  if (stored === undefined) return `${counters}, which is impossible`;
  const difference = formatCount(Math.abs(stored - counted));
  return `${counters}, ${formatCount(stored)} stored: ${difference} ${stored < counted ? 'missing' : 'too many'}`;
}

function nameOf(connection: string): string {
  return connection === '' ? '(before the ledger)' : connection;
}

/** Aligns the first column to the left and numbers to the right. */
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

const plural = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
