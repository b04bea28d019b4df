import { readRedisSettings } from '@sluice/config';
import {
  type DeadLetterFilter,
  DryRun,
  executeDryRun,
  openDeadLetters,
  openOperatorScheduler,
  openReplays,
  type ReplayPlan,
  type ReplayRecord,
  type Replays,
} from '@sluice/queue';
import type { Command } from 'commander';
import { ASKED, askRedis } from '../ask-redis.ts';
import { confirmMany, MANY } from '../confirm-many.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { CONNECTIONS_OPTION, loadConnectionsOf } from '../load-connections-of.ts';
import { operatorName } from '../operator-name.ts';
import { parseCount } from '../option-values.ts';
import { orAway } from '../or-away.ts';
import { figure, oneLine } from '../printed.ts';
import { createProgress } from '../progress.ts';
import { renderPlan, renderReplay, renderReplays, type Tried } from '../render-replay.ts';
import { addSelectionOptions, type SelectionOptions, selectionOf } from '../selection.ts';
import type { Surroundings } from '../surroundings.ts';
import { watchReplay } from '../watch-replay.ts';

interface PlanOptions extends SelectionOptions {
  readonly perMinute?: number;
  readonly try?: true;
  readonly connections?: string;
  readonly json?: true;
}

interface RunOptions extends PlanOptions {
  readonly note: string;
  readonly yes?: true;
  readonly detach?: true;
}

interface ChangeOptions {
  readonly note: string;
}

/** Replays that `list` shows. */
const LISTED = 20;

type End = (code: ExitCode) => void;

/** Adds `replay plan`, `run`, `watch`, `list`, `pause`, `resume` and `cancel`. */
export function replayCommands(parent: Command, surroundings: Surroundings, end: End): void {
  const replay = parent.command('replay').description('puts dead letters back; the workers do it');
  const ask = (what: (replays: Replays) => Promise<ExitCode>) =>
    orAway(() => askRedis(readRedisSettings(), openReplays, what), surroundings).then(end);

  addSelection(replay.command('plan').description('tells what a replay would put back'))
    .option('--try', 'tell also how many of them today’s mappers would let die again')
    .option(...CONNECTIONS_OPTION)
    .action((options: PlanOptions) => ask((replays) => plan(replays, options, surroundings)));
  addSelection(replay.command('run').description('puts dead letters back, behind what is live, and watches'))
    .option('--note <text>', 'why, for the audit line', 'replayed')
    .option('--yes', `also if there are more than ${MANY}`)
    .option('--detach', 'do not watch')
    .action((options: RunOptions) => ask((replays) => run(replays, options, surroundings)));
  replay
    .command('watch')
    .description('watches a replay until it ends or pauses; leaving it does not stop it')
    .argument('<id>', 'of the replay, rpl_…')
    .addHelpText('after', ASKED)
    .action((id: string) => ask((replays) => watchReplay(replays, id, surroundings)));
  replay
    .command('list')
    .description(`lists the newest ${LISTED} replays`)
    .option('--json', 'print JSON')
    .addHelpText('after', ASKED)
    .action((options: { readonly json?: true }) => ask((replays) => list(replays, options, surroundings)));
  for (const action of ['pause', 'resume', 'cancel'] as const) {
    replay
      .command(action)
      .description(DESCRIPTIONS[action])
      .argument('<id>', 'of the replay, rpl_…')
      .option('--note <text>', 'why, for the audit line', 'by hand')
      .addHelpText('after', ASKED)
      .action((id: string, options: ChangeOptions) =>
        ask((replays) => change(replays, action, id, options, surroundings)),
      );
  }
}

const DESCRIPTIONS = {
  pause: 'lets a replay put nothing more back; what it has put back goes on',
  resume: 'lets a paused replay go on, judged by what comes after',
  cancel: 'ends a replay; what it has put back goes on',
} as const;

function addSelection(command: Command): Command {
  return addSelectionOptions(command)
    .option('--per-minute <count>', 'put back so many a minute at most', parseCount)
    .option('--json', 'print JSON')
    .addHelpText('after', ASKED);
}

async function plan(replays: Replays, options: PlanOptions, surroundings: Surroundings): Promise<ExitCode> {
  const filter = selectionOf(options);
  const planned = await replays.plan(filter);
  const tried = options.try ? await tryOut(filter, planned.count, options, surroundings) : undefined;
  if (options.json) surroundings.out(JSON.stringify(tried ? { ...planned, tried } : planned, null, 2));
  else surroundings.out(renderPlan(planned, options.perMinute, tried));
  return EXIT.ok;
}

/** What today's mappers would make of them. */
async function tryOut(
  filter: DeadLetterFilter,
  count: number,
  { connections: path }: PlanOptions,
  surroundings: Surroundings,
): Promise<Tried> {
  const trial = new DryRun((await loadConnectionsOf(path)).connections);
  await askRedis(readRedisSettings(), openDeadLetters, (deadLetters) =>
    executeDryRun(
      deadLetters,
      filter,
      Number.POSITIVE_INFINITY,
      trial,
      createProgress(surroundings, 'tried', count),
    ),
  );
  const { succeed, fail } = trial.result;
  return { succeed, fail };
}

async function run(replays: Replays, options: RunOptions, surroundings: Surroundings): Promise<ExitCode> {
  const { out, clock } = surroundings;
  const filter = selectionOf(options);
  const planned = await replays.plan(filter);
  if (planned.count === 0) {
    out(options.json ? JSON.stringify({ planned: 0 }) : 'nothing to put back');
    return EXIT.ok;
  }
  if (!(await confirmMany(planned.count, 'put back', options, surroundings))) return EXIT.failed;
  await warnOfHolds(planned, surroundings);
  const { perMinute, note, detach, json } = options;
  const id = await replays.run(
    { filter, until: clock.now(), ...(perMinute === undefined ? {} : { perMinute }) },
    { who: operatorName(), reason: note },
  );
  if (json) out(JSON.stringify({ id, planned: planned.count }));
  else out(`${id} runs: ${figure(planned.count)} to put back, behind what is live`);
  return detach || json ? EXIT.ok : watchReplay(replays, id, surroundings);
}

/** What is put back of a held connection waits as all the rest of it does. */
async function warnOfHolds({ groups }: ReplayPlan, { err }: Surroundings): Promise<void> {
  const meant = new Set(groups.map(({ example }) => example.death.origin?.connection));
  const holds = await askRedis(readRedisSettings(), openOperatorScheduler, (gate) => gate.heldConnections());
  for (const { connection, reason } of holds) {
    if (!meant.has(connection)) continue;
    err(
      `warning: ${connection} is held (${oneLine(reason)}): what is put back waits  — sluice connections release ${connection} ends that`,
    );
  }
}

async function list(
  replays: Replays,
  { json }: { readonly json?: true },
  { out }: Surroundings,
): Promise<ExitCode> {
  const newest = await replays.list(LISTED);
  out(json ? JSON.stringify({ replays: newest }, null, 2) : renderReplays(newest));
  return EXIT.ok;
}

async function change(
  replays: Replays,
  action: 'pause' | 'resume' | 'cancel',
  id: string,
  { note }: ChangeOptions,
  { out, err }: Surroundings,
): Promise<ExitCode> {
  const changed = await replays[action](id, { who: operatorName(), reason: note });
  const replay: ReplayRecord | undefined = changed && (await replays.get(id));
  if (!changed || !replay) {
    err(`error: there is no replay ${id}  — sluice replay list shows those that are remembered`);
    return EXIT.failed;
  }
  if (!changed.changed) {
    err(`error: ${id} is ${changed.was}, so it cannot ${action}`);
    return EXIT.failed;
  }
  out(renderReplay(replay));
  return EXIT.ok;
}
