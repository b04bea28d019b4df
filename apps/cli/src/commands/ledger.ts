import { readRedisSettings } from '@sluice/config';
import {
  compareStored,
  type Difference,
  type Ledger,
  type LedgerReader,
  openLedgerReader,
  type StoredComparison,
} from '@sluice/queue';
import type { Command } from 'commander';
import { ASKED, askRedis } from '../ask-redis.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { orAway } from '../or-away.ts';
import { renderComparison, renderLedger } from '../render-ledger.ts';
import type { Surroundings } from '../surroundings.ts';
import { UsageError } from '../usage-error.ts';

interface Options {
  readonly connection?: string;
  readonly deep?: true;
  readonly json?: true;
}

/** Adds `ledger`: what became of every delivery that was accepted, and whether that is all of them. */
export function ledgerCommand(
  parent: Command,
  surroundings: Surroundings,
  end: (code: ExitCode) => void,
): void {
  parent
    .command('ledger')
    .description(
      'proves that every accepted delivery is delivered, recorded, erased, dead, discarded, expired or pending',
    )
    .option('--connection <id>', 'of one connection only')
    .option('--deep', 'count also what is stored one by one, without asking the counters')
    .option('--json', 'print JSON')
    .addHelpText('after', `${ASKED} Ends with 1 if the ledger does not balance.`)
    .action(async (options: Options) =>
      end(await orAway(() => showLedger(options, surroundings), surroundings)),
    );
}

async function showLedger(options: Options, { out }: Surroundings): Promise<ExitCode> {
  const { ledger, walk } = await askRedis(readRedisSettings(), openLedgerReader, (reader) =>
    read(reader, options),
  );
  out(options.json ? toJson(ledger, walk) : toText(ledger, walk));
  return ledger.holds && !walk?.differences.length ? EXIT.ok : EXIT.failed;
}

interface Read {
  readonly ledger: Ledger;
  readonly walk?: StoredComparison;
}

async function read(reader: LedgerReader, { connection, deep }: Options): Promise<Read> {
  const before = await reader.readLedger();
  if (!deep) return { ledger: narrow(before, connection) };
  const stored = await reader.countStored();
  const after = await reader.readLedger();
  const { differences, moved, ...walk } = compareStored(before, after, stored);
  const isAsked = concerns(connection);
  return {
    ledger: narrow(after, connection),
    walk: {
      ...walk,
      moved: moved.filter((moving) => isAsked({ connection: moving })),
      differences: differences.filter(isAsked),
    },
  };
}

/** Of a connection alone; what is wrong with all together concerns it as well. */
function narrow(ledger: Ledger, connection: string | undefined): Ledger {
  if (connection === undefined) return ledger;
  const row = ledger.rows.find((one) => one.connection === connection);
  if (!row) {
    throw new UsageError(`nothing has come in for a connection "${connection}"  — is that its id?`);
  }
  const { connection: _, ...total } = row;
  const differences = ledger.differences.filter(concerns(connection));
  return { ...ledger, rows: [row], total, differences, holds: differences.length === 0 };
}

function concerns(connection: string | undefined) {
  return (one: Pick<Difference, 'connection'>) =>
    connection === undefined || one.connection === undefined || one.connection === connection;
}

function toText(ledger: Ledger, walk: StoredComparison | undefined): string {
  return [renderLedger(ledger), ...(walk ? [renderComparison(walk)] : [])].join('\n');
}

function toJson({ rows, holds, ...ledger }: Ledger, walk: StoredComparison | undefined): string {
  return JSON.stringify({ holds, connections: rows, ...ledger, ...(walk ? { walk } : {}) }, null, 2);
}
