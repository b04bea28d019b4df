import { ConfigError, readConnectionsPath, readRedisSettings } from '@sluice/config';
import { type HeldConnection, openOperatorScheduler } from '@sluice/queue';
import type { Command } from 'commander';
import { ASKED, askRedis } from '../ask-redis.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { CONNECTIONS_OPTION, loadConnectionsOf } from '../load-connections-of.ts';
import { operatorName } from '../operator-name.ts';
import { orAway } from '../or-away.ts';
import { oneLine } from '../printed.ts';
import { renderTable } from '../render-table.ts';
import type { Surroundings } from '../surroundings.ts';
import { UsageError } from '../usage-error.ts';

type End = (code: ExitCode) => void;

/** Adds `connections held`, `hold` and `release`: which connections’ deliveries wait, and until when. */
export function connectionsHoldCommands(parent: Command, surroundings: Surroundings, end: End): void {
  const run = (what: () => Promise<ExitCode>) => orAway(what, surroundings).then(end);
  parent
    .command('held')
    .description('lists the connections that are held, by refusals or by an operator, and what waits')
    .option('--json', 'print JSON')
    .addHelpText('after', ASKED)
    .action((options: { readonly json?: true }) => run(() => listHeld(options, surroundings)));
  parent
    .command('hold')
    .description('lets the deliveries of a connection wait, without an attempt, until it is released')
    .argument('<id>', 'of the connection')
    .requiredOption('--reason <text>', 'why, for others to read')
    .option(...CONNECTIONS_OPTION)
    .addHelpText('after', ASKED)
    .action((id: string, options: HoldOptions) => run(() => hold(id, options, surroundings)));
  parent
    .command('release')
    .description('ends a hold of either kind; what waited drains at the pace of its bot')
    .argument('<id>', 'of the connection')
    .option('--reason <text>', 'why, for the audit line', 'released')
    .addHelpText('after', ASKED)
    .action((id: string, options: { readonly reason: string }) =>
      run(() => release(id, options, surroundings)),
    );
}

async function listHeld({ json }: { readonly json?: true }, { out }: Surroundings): Promise<ExitCode> {
  const holds = await askRedis(readRedisSettings(), openOperatorScheduler, (gate) => gate.heldConnections());
  if (json) out(JSON.stringify({ held: holds }, null, 2));
  else out(holds.length === 0 ? 'no connection is held' : renderTable(holds.map(describeHold)));
  return EXIT.ok;
}

function describeHold({ connection, by, reason, since, probeAt, waiting }: HeldConnection): object {
  const at = (ms: number) => new Date(ms).toISOString();
  return {
    id: connection,
    by,
    since: at(since),
    'next probe': probeAt === undefined ? null : at(probeAt),
    waiting,
    reason: oneLine(reason),
  };
}

interface HoldOptions {
  readonly reason: string;
  readonly connections?: string;
}

async function hold(
  id: string,
  { reason, connections }: HoldOptions,
  { out, err }: Surroundings,
): Promise<ExitCode> {
  const unchecked = await checkId(id, connections ?? readConnectionsPath());
  if (unchecked) err(`warning: ${unchecked}`);
  await askRedis(readRedisSettings(), openOperatorScheduler, (gate) =>
    gate.pauseConnection(id, { who: operatorName(), reason }),
  );
  out(`${id} is held: its deliveries wait until sluice connections release ${id}`);
  return EXIT.ok;
}

/** A slip of the pen would hold nothing, and nobody would know. Returns why that could not be told. */
async function checkId(id: string, file: string): Promise<string | undefined> {
  try {
    const { connections } = await loadConnectionsOf(file);
    if (connections.get(id)) return undefined;
    const ids = connections.all().map((connection) => connection.id);
    throw new UsageError(`the connection "${id}" is not in ${file}; there are: ${ids.join(', ')}`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return `nobody has checked that there is a connection "${id}": ${file} cannot be read here`;
  }
}

async function release(
  id: string,
  { reason }: { readonly reason: string },
  { out, err }: Surroundings,
): Promise<ExitCode> {
  const wasHeld = await askRedis(readRedisSettings(), openOperatorScheduler, (gate) =>
    gate.resumeConnection(id, { who: operatorName(), reason }),
  );
  if (wasHeld) out(`${id} is released: what waited drains at the pace of its bot`);
  else err(`error: ${id} is not held  — sluice connections held lists those that are`);
  return wasHeld ? EXIT.ok : EXIT.failed;
}
