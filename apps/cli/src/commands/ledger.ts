import {
  compareStored,
  createLedgerReader,
  type Difference,
  type Ledger,
  type LedgerReader,
  type LedgerRow,
  type StoredComparison,
} from '@sluice/queue';
import type { Command } from 'commander';
import { REDIS_HELP, withRedis } from '../client/redis.ts';
import type { CliContext, End } from '../context.ts';
import { EXIT, type ExitCode, UsageError } from '../errors.ts';
import { formatCount } from '../render/format.ts';

interface Options {
  readonly connection?: string;
  readonly deep?: true;
  readonly json?: true;
}

/** Adds `ledger`. */
export function ledgerCommand(parent: Command, context: CliContext, end: End): void {
  parent
    .command('ledger')
    .description('Account for every accepted delivery')
    .option('--connection <id>', 'connection')
    .option('--deep', 'comparison of the counters with all stored deliveries')
    .option('--json', 'JSON output')
    .addHelpText(
      'after',
      '\nThe ledger balances if every accepted delivery is delivered, recorded, erased, dead, discarded, expired or' +
        `\npending. Exits with 1 if it does not balance.${REDIS_HELP}`,
    )
    .action(async (options: Options) => end(await showLedger(options, context)));
}

async function showLedger(options: Options, { out }: CliContext): Promise<ExitCode> {
  const { ledger, walk } = await withRedis(createLedgerReader, (reader) => read(reader, options));
  if (options.json) out(toJson(ledger, walk));
  else out([renderLedger(ledger), ...(walk ? [renderComparison(walk)] : [])].join('\n'));
  return ledger.holds && !walk?.differences.length ? EXIT.ok : EXIT.failed;
}

interface Reading {
  readonly ledger: Ledger;
  readonly walk?: StoredComparison;
}

async function read(reader: LedgerReader, { connection, deep }: Options): Promise<Reading> {
  const before = await reader.readLedger();
  if (!deep) return { ledger: narrow(before, connection) };
  const stored = await reader.countStored();
  const after = await reader.readLedger();
  const { differences, moved, ...walk } = compareStored(before, after, stored);
  const isSelected = concerns(connection);
  return {
    ledger: narrow(after, connection),
    walk: {
      ...walk,
      moved: moved.filter((id) => isSelected({ connection: id })),
      differences: differences.filter(isSelected),
    },
  };
}

/** Limits the ledger to one connection. Differences of the total concern every connection. */
function narrow(ledger: Ledger, connection: string | undefined): Ledger {
  if (connection === undefined) return ledger;
  const row = ledger.rows.find((candidate) => candidate.connection === connection);
  if (!row) {
    throw new UsageError(`No deliveries for connection "${connection}". Check the id of the connection.`);
  }
  const { connection: _, ...total } = row;
  const differences = ledger.differences.filter(concerns(connection));
  return { ...ledger, rows: [row], total, differences, holds: differences.length === 0 };
}

function concerns(connection: string | undefined) {
  return (difference: Pick<Difference, 'connection'>) =>
    connection === undefined || difference.connection === undefined || difference.connection === connection;
}

function toJson({ rows, holds, ...ledger }: Ledger, walk: StoredComparison | undefined): string {
  return JSON.stringify({ holds, connections: rows, ...ledger, ...(walk ? { walk } : {}) }, null, 2);
}

const END_STATES = ['delivered', 'recorded', 'erased', 'dead', 'pending'] as const;

/** Rare end states, shown only if they are not 0. */
const RARE_END_STATES = ['discarded', 'expired'] as const;

const OTHER_COUNTERS = ['duplicates', 'ignored', 'replayed', 'reconciled'] as const;

type Column = 'accepted' | (typeof END_STATES | typeof RARE_END_STATES | typeof OTHER_COUNTERS)[number];

type Counts = Pick<LedgerRow, Column>;

/** Renders one line per connection, the total, and whether the ledger balances. */
function renderLedger({ rows, total, differences }: Ledger): string {
  const columns: readonly Column[] = ['accepted', ...endStatesOf(total), ...OTHER_COUNTERS];
  const cells = (counts: Counts) => columns.map((name) => formatCount(counts[name]));
  const lines = rows.map((row) => [nameOf(row.connection), ...cells(row)]);
  if (rows.length > 1) lines.push(['total', ...cells(total)]);
  const table = [['connection', ...columns].map((name) => name.toUpperCase()), ...lines];
  return [
    ...(rows.length > 0 ? align(table) : []),
    ...renderBalance(total, differences),
    ...renderStatuses(rows, total),
  ].join('\n');
}

const STATUSES = [
  'delivered',
  'processed',
  'awaiting',
  'unknown',
  'botFailed',
  'botIgnored',
  'resent',
] as const;

const STATUS_TITLES: Readonly<Partial<Record<(typeof STATUSES)[number], string>>> = {
  botFailed: 'bot failed',
  botIgnored: 'bot ignored',
};

/** Renders what became of the events in the bot; nothing if no status was looked up. */
function renderStatuses(rows: readonly LedgerRow[], total: Ledger['total']): string[] {
  const { delivered, processed, awaiting, unknown, botFailed, botIgnored } = total;
  if (processed + awaiting + botFailed + botIgnored === 0) return [];
  const cells = (counts: Ledger['total']) => STATUSES.map((name) => formatCount(counts[name]));
  const lines = rows
    .filter((row) => STATUSES.some((name) => row[name] !== 0))
    .map((row) => [nameOf(row.connection), ...cells(row)]);
  if (lines.length > 1) lines.push(['total', ...cells(total)]);
  const titles = STATUSES.map((name) => STATUS_TITLES[name] ?? name);
  const sum = [`${formatCount(processed)} processed`, `${formatCount(awaiting)} awaiting`];
  return [
    '',
    ...align([['connection', ...titles].map((name) => name.toUpperCase()), ...lines]),
    `In the bot: ${formatCount(delivered)} delivered = ${sum.join(' + ')} + ${formatCount(unknown)} unknown`,
  ];
}

/** Renders the comparison of the counters with the stored deliveries. */
function renderComparison({ compared, moved, differences }: StoredComparison): string {
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
