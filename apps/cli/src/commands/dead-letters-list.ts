import { readRedisSettings } from '@sluice/config';
import { CursorError, type DeadLetter, openDeadLetters, type PageRequest } from '@sluice/queue';
import type { Command } from 'commander';
import { ASKED, askRedis } from '../ask-redis.ts';
import { addFilterOptions, type FilterOptions, toFilter } from '../dead-letter-filter.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { parseCount } from '../option-values.ts';
import { orAway } from '../or-away.ts';
import { deathLine } from '../printed.ts';
import { renderTable } from '../render-table.ts';
import type { Surroundings } from '../surroundings.ts';
import { UsageError } from '../usage-error.ts';

interface Options extends FilterOptions {
  readonly limit: number;
  readonly cursor?: string;
  readonly oldest?: true;
  readonly discarded?: true;
  readonly json?: true;
}

/** Adds `dead-letters list`: what will not be tried again unless someone replays it, and why. */
export function deadLettersListCommand(
  parent: Command,
  surroundings: Surroundings,
  end: (code: ExitCode) => void,
): void {
  addFilterOptions(
    parent.command('list').description('lists dead letters with their reasons, the newest first'),
  )
    .option('--limit <count>', 'at most', parseCount, 20)
    .option('--cursor <cursor>', 'go on where a list has ended')
    .option('--oldest', 'the oldest first')
    .option('--discarded', 'those that were discarded and can still be restored')
    .option('--json', 'print JSON')
    .addHelpText('after', ASKED)
    .action(async (options: Options) => end(await orAway(() => list(options, surroundings), surroundings)));
}

async function list(options: Options, { out }: Surroundings): Promise<ExitCode> {
  const { limit, cursor, oldest, discarded, json } = options;
  const among = discarded ? 'discarded' : 'dead';
  const request: PageRequest = { order: oldest ? 'oldest' : 'newest', limit, cursor, among };
  const page = await askRedis(readRedisSettings(), openDeadLetters, (deadLetters) =>
    deadLetters.find(toFilter(options), request).catch(orUsage),
  );
  if (json) out(JSON.stringify(page, null, 2));
  else {
    out(page.letters.length === 0 ? 'no dead letters' : renderTable(page.letters.map(describe)));
    if (page.next) out(`there are more: --cursor ${page.next}`);
  }
  return EXIT.ok;
}

/** A cursor that is none is a slip of who called, not of Redis. */
function orUsage(error: unknown): never {
  throw error instanceof CursorError ? new UsageError(error.message) : error;
}

function describe({ id, connection, topic, reason, diedAt, attempts, detail }: DeadLetter): object {
  return {
    id,
    connection,
    topic,
    reason,
    died: new Date(diedAt).toISOString(),
    attempts,
    message: deathLine(detail),
  };
}
