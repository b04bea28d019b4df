import { FAULT_OF, outstandingOf, type ReplayPlan, type ReplayRecord } from '@sluice/queue';
import { failureLine, formatCount, formatTime, oneLine, renderTable } from './format.ts';

/** Result of a dry run: dead letters that would be sent, and that would fail again. */
export interface DryRunCounts {
  readonly succeed: number;
  readonly fail: number;
}

/** Renders the dead letters of a plan by group, the result of a dry run, and the duration of the replay. */
export function renderPlan(
  { count, groups, oldest }: ReplayPlan,
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
    ...(dryRun ? [renderDryRun(dryRun)] : []),
    perMinute === undefined
      ? 'No rate limit: a bot accepts 600 events per minute by default'
      : `At ${formatCount(perMinute)} per minute: ${formatDuration(count / perMinute)}`,
  ].join('\n');
}

/** Output for a selection without dead letters. */
export const NOTHING_TO_REPLAY = 'No dead letters to replay';

function renderDryRun({ succeed, fail }: DryRunCounts): string {
  const hint = fail > 0 ? '. Run sluice dead-letters dry-run for the reasons' : '';
  return `Dry run: ${formatCount(succeed)} would be sent, ${formatCount(fail)} would fail again${hint}`;
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
