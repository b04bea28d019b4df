import { ConfigError, readConnectionsPath } from '@sluice/config';
import { createOperatorScheduler, type HeldConnection } from '@sluice/queue';
import type { Command } from 'commander';
import { REDIS_HELP, withRedis } from '../client/redis.ts';
import type { CliContext, End } from '../context.ts';
import { EXIT, type ExitCode, UsageError } from '../errors.ts';
import { CONNECTIONS_OPTION, loadConnectionsFile } from '../options/files.ts';
import { NOTE_OPTION, operatorName } from '../options/operator.ts';
import { formatTime, oneLine, renderTable } from '../render/format.ts';

interface PauseOptions {
  readonly note: string;
  readonly connections?: string;
}

interface ResumeOptions {
  readonly note: string;
}

interface ListOptions {
  readonly json?: true;
}

/** Adds `connections paused`, `pause` and `resume`. */
export function connectionsPauseCommands(parent: Command, context: CliContext, end: End): void {
  parent
    .command('paused')
    .description('List paused connections and connections with an open circuit')
    .option('--json', 'JSON output')
    .addHelpText('after', REDIS_HELP)
    .action(async (options: ListOptions) => end(await listPaused(options, context)));
  parent
    .command('pause')
    .description('Pause a connection')
    .argument('<id>', 'connection')
    .requiredOption(...NOTE_OPTION)
    .option(...CONNECTIONS_OPTION)
    .addHelpText('after', `\nIts deliveries wait without losing attempts until it is resumed.${REDIS_HELP}`)
    .action(async (id: string, options: PauseOptions) => end(await pause(id, options, context)));
  parent
    .command('resume')
    .description('Resume a paused connection or close its circuit')
    .argument('<id>', 'connection')
    .option(...NOTE_OPTION, 'resumed')
    .addHelpText('after', `\nIts deliveries are sent at the rate of their bot.${REDIS_HELP}`)
    .action(async (id: string, options: ResumeOptions) => end(await resume(id, options, context)));
}

async function listPaused({ json }: ListOptions, { out }: CliContext): Promise<ExitCode> {
  const held = await withRedis(createOperatorScheduler, (scheduler) => scheduler.heldConnections());
  if (json) out(JSON.stringify({ held }, null, 2));
  else out(held.length === 0 ? 'No paused connections' : renderTable(held.map(toRow)));
  return EXIT.ok;
}

function toRow({ connection, by, reason, since, probeAt, waiting }: HeldConnection): object {
  return {
    id: connection,
    state: by === 'operator' ? 'paused' : 'circuit open',
    since: formatTime(since),
    'next probe': probeAt === undefined ? null : formatTime(probeAt),
    waiting,
    reason: oneLine(reason),
  };
}

async function pause(
  id: string,
  { note, connections }: PauseOptions,
  { out, err }: CliContext,
): Promise<ExitCode> {
  const warning = await checkId(id, connections ?? readConnectionsPath());
  if (warning) err(`warning: ${warning}`);
  await withRedis(createOperatorScheduler, (scheduler) =>
    scheduler.pauseConnection(id, { who: operatorName(), reason: note }),
  );
  out(`${id} paused. Its deliveries wait until sluice connections resume ${id}.`);
  return EXIT.ok;
}

/**
 * Checks that the connection exists. A typo would pause nothing.
 *
 * @returns a warning if the file cannot be read
 * @throws UsageError if the connection is not in the file
 */
async function checkId(id: string, file: string): Promise<string | undefined> {
  try {
    const { connections } = await loadConnectionsFile(file);
    if (connections.get(id)) return undefined;
    const ids = connections.all().map((connection) => connection.id);
    throw new UsageError(`Connection "${id}" is not in ${file}. Connections: ${ids.join(', ')}.`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return `Cannot read ${file}. The id "${id}" was not checked.`;
  }
}

async function resume(id: string, { note }: ResumeOptions, { out, err }: CliContext): Promise<ExitCode> {
  const wasHeld = await withRedis(createOperatorScheduler, (scheduler) =>
    scheduler.resumeConnection(id, { who: operatorName(), reason: note }),
  );
  if (wasHeld) out(`${id} resumed. Its deliveries are sent at the rate of their bot.`);
  else err(`error: ${id} is not paused. List paused connections with sluice connections paused.`);
  return wasHeld ? EXIT.ok : EXIT.failed;
}
