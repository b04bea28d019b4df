import type { Connections } from '@sluice/config';
import {
  createDeadLetters,
  createOperatorScheduler,
  createReplays,
  type DeadLetterFilter,
  type DeadLetters,
  DryRun,
  executeDryRun,
  type OperatorScheduler,
  type ReplayPlan,
  type Shards,
} from '@sluice/queue';
import type { Command } from 'commander';
import { REDIS_HELP, withRedis } from '../client/redis.ts';
import type { CliContext, End } from '../context.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { CONNECTIONS_OPTION, loadConnectionsFile } from '../options/files.ts';
import { addSelectionOptions, type SelectionOptions, toSelection } from '../options/filter.ts';
import {
  confirmChange,
  confirmSecondEvents,
  NOTE_OPTION,
  operatorName,
  SECOND_EVENTS_OPTION,
  YES_OPTION,
} from '../options/operator.ts';
import { parseCount } from '../options/parsers.ts';
import { createProgress, formatCount, oneLine } from '../render/format.ts';
import {
  type DryRunCounts,
  NOTHING_TO_REPLAY,
  renderPlan,
  renderReplay,
  renderReplays,
  replayNotFound,
  watchReplay,
} from './watch-replay.ts';

interface ReplayOptions extends SelectionOptions {
  readonly perMinute?: number;
  readonly json?: true;
}

interface PlanOptions extends ReplayOptions {
  readonly dryRun?: true;
  readonly connections?: string;
}

interface RunOptions extends ReplayOptions {
  readonly note: string;
  readonly yes?: true;
  readonly secondEvents?: true;
  readonly detach?: true;
}

interface ListOptions {
  readonly json?: true;
}

interface ChangeOptions {
  readonly note: string;
}

/** Replays that `list` shows. */
const LISTED = 20;

/** Adds `replay plan`, `run`, `watch`, `list`, `pause`, `resume` and `cancel`. */
export function replayCommands(parent: Command, context: CliContext, end: End): void {
  const replay = parent.command('replay').description('Replay dead letters');
  addReplayOptions(replay.command('plan').description('Show the size and duration of a replay'))
    .option('--dry-run', 'number of dead letters that would fail again with the current mappers')
    .option(...CONNECTIONS_OPTION)
    .action(async (options: PlanOptions) => end(await plan(options, context)));
  addReplayOptions(replay.command('run').description('Start and watch a replay'))
    .option(...NOTE_OPTION, 'replayed')
    .option(...YES_OPTION)
    .option(...SECOND_EVENTS_OPTION)
    .option('--detach', 'start without progress output')
    .action(async (options: RunOptions) => end(await run(options, context)));
  replay
    .command('watch')
    .description('Watch a replay until it ends or pauses')
    .argument('<id>', 'replay (rpl_…)')
    .addHelpText('after', `\nInterrupting the command does not stop the replay.${REDIS_HELP}`)
    .action(async (id: string) =>
      end(await withRedis(createReplays, (replays) => watchReplay(replays, id, context))),
    );
  replay
    .command('list')
    .description(`List the newest ${LISTED} replays`)
    .option('--json', 'JSON output')
    .addHelpText('after', REDIS_HELP)
    .action(async (options: ListOptions) => end(await list(options, context)));
  for (const [action, { description, notes }] of Object.entries(CHANGES) as [
    Change,
    (typeof CHANGES)[Change],
  ][]) {
    replay
      .command(action)
      .description(description)
      .argument('<id>', 'replay (rpl_…)')
      .option(...NOTE_OPTION, 'by hand')
      .addHelpText('after', `${notes}${REDIS_HELP}`)
      .action(async (id: string, options: ChangeOptions) => end(await change(action, id, options, context)));
  }
}

const CHANGES = {
  pause: { description: 'Pause a replay', notes: '\nRequeued deliveries continue.' },
  resume: { description: 'Resume a paused replay', notes: '' },
  cancel: { description: 'Cancel a replay', notes: '\nRequeued deliveries continue.' },
} as const;

type Change = keyof typeof CHANGES;

function addReplayOptions(command: Command): Command {
  return addSelectionOptions(command)
    .option('--per-minute <count>', 'maximum deliveries per minute', parseCount)
    .option('--json', 'JSON output')
    .addHelpText(
      'after',
      `\nThe workers execute replays, with lower priority than live deliveries.${REDIS_HELP}`,
    );
}

async function plan(options: PlanOptions, context: CliContext): Promise<ExitCode> {
  const filter = toSelection(options);
  const loaded = options.dryRun ? await loadConnectionsFile(options.connections) : undefined;
  const { planned, counts } = await withRedis(open, async ({ replays, deadLetters }) => {
    const planned = await replays.plan(filter);
    return {
      planned,
      counts: loaded && (await dryRun(deadLetters, filter, planned.count, loaded.connections, context)),
    };
  });
  if (options.json) {
    context.out(JSON.stringify(counts ? { ...planned, dryRun: counts } : planned, null, 2));
  } else context.out(renderPlan(planned, options.perMinute, counts));
  return EXIT.ok;
}

const open = (shards: Shards) => ({
  replays: createReplays(shards),
  deadLetters: createDeadLetters(shards),
  scheduler: createOperatorScheduler(shards),
});

async function dryRun(
  deadLetters: DeadLetters,
  filter: DeadLetterFilter,
  count: number,
  connections: Connections,
  context: CliContext,
): Promise<DryRunCounts> {
  const dry = new DryRun(connections);
  const progress = createProgress(context, 'checked', count);
  await executeDryRun(deadLetters, filter, Number.POSITIVE_INFINITY, dry, progress);
  const { succeed, fail, leftOut } = dry.result;
  return { succeed, fail, leftOut };
}

async function run(options: RunOptions, context: CliContext): Promise<ExitCode> {
  const { out, clock } = context;
  const filter = toSelection(options);
  return withRedis(open, async ({ replays, scheduler }) => {
    const planned = await replays.plan(filter);
    if (planned.count === 0) {
      out(options.json ? JSON.stringify({ planned: 0 }) : NOTHING_TO_REPLAY);
      return EXIT.ok;
    }
    if (!(await confirmChange(planned.count, 'replayed', options, context))) return EXIT.failed;
    if (!(await confirmSecondEvents(planned.secondEvents, options, context))) return EXIT.failed;
    await warnOfPaused(scheduler, planned, context);
    const { perMinute, note, detach, json } = options;
    const id = await replays.run(
      {
        ...{ filter, until: clock.now(), secondEvents: planned.secondEvents > 0 },
        ...(perMinute === undefined ? {} : { perMinute }),
      },
      { who: operatorName(), reason: note },
    );
    if (json) out(JSON.stringify({ id, planned: planned.count }));
    else
      out(`${id} started: ${formatCount(planned.count)} to replay, with lower priority than live deliveries`);
    return detach || json ? EXIT.ok : watchReplay(replays, id, context);
  });
}

/** Replayed deliveries of a paused connection wait like all its deliveries. */
async function warnOfPaused(
  scheduler: Pick<OperatorScheduler, 'heldConnections'>,
  { groups }: ReplayPlan,
  { err }: CliContext,
): Promise<void> {
  const replayed = new Set(groups.map(({ example }) => example.death.origin?.connection));
  const held = await scheduler.heldConnections();
  for (const { connection, by, reason } of held) {
    if (!replayed.has(connection)) continue;
    const state = by === 'operator' ? 'is paused' : 'has an open circuit';
    err(
      `warning: ${connection} ${state} (${oneLine(reason)}). Its replayed deliveries wait until sluice connections resume ${connection}.`,
    );
  }
}

async function list({ json }: ListOptions, { out }: CliContext): Promise<ExitCode> {
  const newest = await withRedis(createReplays, (replays) => replays.list(LISTED));
  out(json ? JSON.stringify({ replays: newest }, null, 2) : renderReplays(newest));
  return EXIT.ok;
}

async function change(
  action: Change,
  id: string,
  { note }: ChangeOptions,
  { out, err }: CliContext,
): Promise<ExitCode> {
  const { changed, replay } = await withRedis(createReplays, async (replays) => ({
    changed: await replays[action](id, { who: operatorName(), reason: note }),
    replay: await replays.get(id),
  }));
  if (!changed || !replay) {
    err(replayNotFound(id));
    return EXIT.failed;
  }
  if (!changed.changed) {
    err(`error: Cannot ${action} ${id}. Its state is ${changed.was}.`);
    return EXIT.failed;
  }
  out(renderReplay(replay));
  return EXIT.ok;
}
