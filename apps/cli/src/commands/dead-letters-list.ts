import {
  CursorError,
  createDeadLetters,
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterGroup,
  FAULT_OF,
  type PageRequest,
} from '@sluice/queue';
import type { Command } from 'commander';
import { REDIS_HELP, withRedis } from '../client/redis.ts';
import type { CliContext, End } from '../context.ts';
import { EXIT, type ExitCode, UsageError } from '../errors.ts';
import { addFilterOptions, toFilter } from '../options/filter.ts';
import { parseCount } from '../options/parsers.ts';
import { failureLine, formatTime, renderTable } from '../render/format.ts';

interface ListOptions extends DeadLetterFilter {
  readonly limit: number;
  readonly cursor?: string;
  readonly oldest?: true;
  readonly discarded?: true;
  readonly json?: true;
}

interface GroupsOptions {
  readonly json?: true;
}

/** Adds `dead-letters list` and `groups`. */
export function deadLettersListCommands(parent: Command, context: CliContext, end: End): void {
  addFilterOptions(parent.command('list').description('List dead letters, the newest first'))
    .option('--limit <count>', 'maximum dead letters', parseCount, 20)
    .option('--cursor <cursor>', 'cursor of the next page, printed after the previous one')
    .option('--oldest', 'ascending order, the oldest first')
    .option('--discarded', 'discarded ones that can still be restored')
    .option('--json', 'JSON output')
    .addHelpText('after', REDIS_HELP)
    .action(async (options: ListOptions) => end(await list(options, context)));
  parent
    .command('groups')
    .description('List failure groups, the largest first')
    .option('--json', 'JSON output')
    .addHelpText(
      'after',
      '\nA group has one root cause. Pass it to other commands with --group. To see its failure and the fix, run' +
        `\nsluice dead-letters show with the id in the column EXAMPLE.${REDIS_HELP}`,
    )
    .action(async (options: GroupsOptions) => end(await listGroups(options, context)));
}

async function list(options: ListOptions, { out }: CliContext): Promise<ExitCode> {
  const { limit, cursor, oldest, discarded, json } = options;
  const among = discarded ? 'discarded' : 'dead';
  const request: PageRequest = { order: oldest ? 'oldest' : 'newest', limit, cursor, among };
  const page = await withRedis(createDeadLetters, (deadLetters) =>
    deadLetters.find(toFilter(options), request).catch(toUsageError),
  );
  if (json) {
    out(JSON.stringify(page, null, 2));
    return EXIT.ok;
  }
  out(page.letters.length === 0 ? NO_DEAD_LETTERS : renderTable(page.letters.map(toRow)));
  if (page.next) out(`Next page: --cursor ${page.next}`);
  return EXIT.ok;
}

const NO_DEAD_LETTERS = 'No dead letters';

/** An invalid cursor is an error of the caller, not of Redis. */
function toUsageError(error: unknown): never {
  if (!(error instanceof CursorError)) throw error;
  throw new UsageError('Invalid cursor. Pass the cursor that the previous page printed.');
}

function toRow({ id, connection, topic, reason, diedAt, attempts, detail }: DeadLetter): object {
  return {
    id,
    connection,
    topic,
    reason,
    'failed at': formatTime(diedAt),
    attempts,
    message: failureLine(detail),
  };
}

async function listGroups({ json }: GroupsOptions, { out }: CliContext): Promise<ExitCode> {
  const groups = await withRedis(createDeadLetters, (deadLetters) => deadLetters.groups());
  if (json) out(JSON.stringify({ groups }, null, 2));
  else out(groups.length === 0 ? NO_DEAD_LETTERS : renderTable(groups.map(toGroupRow)));
  return EXIT.ok;
}

function toGroupRow({ group, count, first, last, example: { id, topic, death } }: DeadLetterGroup): object {
  const { reason, detail, origin } = death;
  return {
    group,
    count,
    reason,
    fault: FAULT_OF[reason],
    connection: origin?.connection ?? null,
    topic,
    first: formatTime(first),
    last: formatTime(last),
    status: detail.status ?? null,
    example: id,
    message: failureLine(detail),
  };
}
