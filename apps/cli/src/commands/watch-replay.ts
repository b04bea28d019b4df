import {
  type DryRunResult,
  FAULT_OF,
  outstandingOf,
  type ReplayPlan,
  type ReplayRecord,
  type Replays,
} from '@sluice/queue';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { describeSecondEvents } from '../options/operator.ts';
import { failureLine, formatCount, formatTime, oneLine, renderBar, renderTable } from '../render/format.ts';

/** Milliseconds between two reads. */
const INTERVAL = 1_000;

/** Reads after which a worker should have started the replay. */
const START_DEADLINE = 7;

/** Reads without a change after which requeued deliveries should have made progress. */
const STUCK_AFTER = 15;

/**
 * Prints the state of a replay at each change until it is done, paused or cancelled. On a terminal it shows a progress
 * bar and prints only the last state. Interrupting it does not stop the replay.
 *
 * @returns failure unless all requeued deliveries were delivered
 */
export async function watchReplay(
  replays: Pick<Replays, 'get'>,
  id: string,
  { out, err, status, clock }: Pick<CliContext, 'out' | 'err' | 'status' | 'clock'>,
): Promise<ExitCode> {
  const { signal } = new AbortController();
  let previous = '';
  let unchanged = 0;
  for (let reads = 1; ; reads++) {
    const replay = await replays.get(id);
    if (!replay) {
      err(replayNotFound(id));
      return EXIT.failed;
    }
    const line = renderReplay(replay);
    unchanged = line === previous ? unchanged + 1 : 0;
    const isOver = replay.state !== 'running';
    if (unchanged === 0 && (isOver || !status)) out(line);
    if (!isOver) status?.(`${renderBar(replay.replayed - outstandingOf(replay), replay.planned)}  ${line}`);
    previous = line;
    if (unchanged === STUCK_AFTER && outstandingOf(replay) > 0) err(STUCK);
    if (reads === START_DEADLINE && replay.steppedAt === 0) err(NOT_STARTED);
    if (isOver) return exitCodeOf(replay);
    await clock.delay(INTERVAL, signal);
  }
}

const STUCK = 'warning: No progress. Check for paused connections with sluice connections paused.';
const NOT_STARTED = 'warning: No worker has started the replay. Check that a worker is running.';

/** Returns the error for a replay that is not stored. */
export const replayNotFound = (id: string): string =>
  `error: No replay ${id}. List replays with sluice replay list.`;

function exitCodeOf({ state, died }: ReplayRecord): ExitCode {
  return state === 'done' && died === 0 ? EXIT.ok : EXIT.failed;
}

/** Result of a dry run: dead letters that would be sent, some without their full body, and that would fail again. */
export type DryRunCounts = Pick<DryRunResult, 'succeed' | 'fail' | 'leftOut'>;

/** Renders the dead letters of a plan by group, the result of a dry run, and the duration of the replay. */
export function renderPlan(
  { count, groups, oldest, secondEvents }: ReplayPlan,
  perMinute: number | undefined,
  dryRun?: DryRunCounts,
): string {
  if (count === 0) return NOTHING_TO_REPLAY;
  return [
    renderTable(
      groups.map(({ group, count: size, example: { topic, death } }) => ({
        group,
        count: size,
        reason: death.reason,
        fault: FAULT_OF[death.reason],
        connection: death.origin?.connection ?? null,
        topic,
        message: failureLine(death.detail),
      })),
    ),
    `${formatCount(count)} to replay${oldest === undefined ? '' : `, the oldest dead since ${formatTime(oldest)}`}`,
    ...(secondEvents > 0 ? [`Warning: ${describeSecondEvents(secondEvents)}`] : []),
    ...(dryRun ? [renderDryRun(dryRun)] : []),
    perMinute === undefined
      ? 'No rate limit: a bot accepts 600 events per minute by default'
      : `At ${formatCount(perMinute)} per minute: ${formatDuration(count / perMinute)}`,
  ].join('\n');
}

/** Output for a selection without dead letters. */
export const NOTHING_TO_REPLAY = 'No dead letters to replay';

function renderDryRun({ succeed, fail, leftOut }: DryRunCounts): string {
  const note = leftOut > 0 ? ` (${formatCount(leftOut)} without their full body: too large)` : '';
  const hint = fail > 0 ? '. Run sluice dead-letters dry-run for the reasons' : '';
  return `Dry run: ${formatCount(succeed)} would be sent${note}, ${formatCount(fail)} would fail again${hint}`;
}

/** Renders the state of a replay in one line. */
export function renderReplay(replay: ReplayRecord): string {
  const { id, state, planned, replayed, delivered, died, removed, why } = replay;
  const outstanding = outstandingOf(replay);
  const counts = [
    `${formatCount(replayed)} of ${formatCount(planned)} requeued`,
    `${formatCount(delivered)} delivered`,
    ...(died > 0 ? [`${formatCount(died)} failed again`] : []),
    ...(removed > 0 ? [`${formatCount(removed)} erased`] : []),
    ...(outstanding > 0 ? [`${formatCount(outstanding)} in progress`] : []),
  ].join(', ');
  return `${id} ${state}${why ? ` (${oneLine(why)})` : ''}: ${counts}`;
}

/** Renders one line per replay. */
export function renderReplays(replays: readonly ReplayRecord[]): string {
  if (replays.length === 0) return 'No replays';
  return renderTable(
    replays.map((replay) => ({
      id: replay.id,
      state: replay.state,
      planned: replay.planned,
      requeued: replay.replayed,
      delivered: replay.delivered,
      'failed again': replay.died,
      'in progress': outstandingOf(replay),
      created: formatTime(replay.createdAt),
      by: oneLine(replay.who),
      filter: JSON.stringify(replay.filter),
      note: oneLine(replay.why ?? replay.note),
    })),
  );
}

function formatDuration(minutes: number): string {
  if (minutes < 1) return 'less than a minute';
  return minutes < 120 ? `about ${Math.ceil(minutes)} min` : `about ${(minutes / 60).toFixed(1)} h`;
}
