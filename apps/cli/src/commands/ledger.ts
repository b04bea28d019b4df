import {
  compareStored,
  createLedgerReader,
  type Difference,
  type Ledger,
  type LedgerReader,
  type StoredComparison,
} from '@sluice/queue';
import type { Command } from 'commander';
import { REDIS_HELP, withRedis } from '../client/redis.ts';
import type { CliContext, End } from '../context.ts';
import { EXIT, type ExitCode, UsageError } from '../errors.ts';
import { renderComparison, renderLedger } from '../render/ledger.ts';

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
