import { FAULT_OF, outstandingOf, type ReplayPlan, type ReplayRecord } from '@sluice/queue';
import { deathLine, figure, oneLine } from './printed.ts';
import { renderTable } from './render-table.ts';

/** How many today's mappers make an event of, and how many they would let die again. */
export interface Tried {
  readonly succeed: number;
  readonly fail: number;
}

/** Lays out what a replay would put back, by cause. */
export function renderPlan(
  { count, groups, oldest }: ReplayPlan,
  perMinute: number | undefined,
  tried?: Tried,
): string {
  if (count === 0) return 'nothing to put back';
  return [
    renderTable(
      groups.map(({ group, count: meant, example: { topic, death } }) => ({
        group,
        count: meant,
        reason: death.reason,
        'fault of': FAULT_OF[death.reason],
        connection: death.origin?.connection ?? null,
        topic,
        message: deathLine(death.detail),
      })),
    ),
    `${figure(count)} to put back${oldest === undefined ? '' : `, dead since ${new Date(oldest).toISOString()}`}`,
    ...(tried
      ? [
          `tried: of ${figure(tried.succeed)} there would be an event, ${figure(tried.fail)} would die again  — dead-letters try tells why`,
        ]
      : []),
    perMinute === undefined
      ? 'as fast as they are delivered: a bot takes 600 events a minute unless its limit is another'
      : `at ${figure(perMinute)} a minute: ${duration(count / perMinute)}`,
  ].join('\n');
}

/** One line on how a replay stands. */
export function renderReplay(replay: ReplayRecord): string {
  const { id, state, planned, replayed, delivered, died, removed, why } = replay;
  const ends = [
    `${figure(replayed)} of ${figure(planned)} put back`,
    `${figure(delivered)} delivered`,
    ...(died > 0 ? [`${figure(died)} dead again`] : []),
    ...(removed > 0 ? [`${figure(removed)} erased`] : []),
    ...(outstandingOf(replay) > 0 ? [`${figure(outstandingOf(replay))} on their way`] : []),
  ].join(', ');
  return `${id} ${state}${why ? ` (${oneLine(why)})` : ''}: ${ends}`;
}

/** A line a replay, the newest first. */
export function renderReplays(replays: readonly ReplayRecord[]): string {
  if (replays.length === 0) return 'no replays';
  return renderTable(
    replays.map((replay) => ({
      id: replay.id,
      state: replay.state,
      planned: replay.planned,
      'put back': replay.replayed,
      delivered: replay.delivered,
      'dead again': replay.died,
      'on their way': outstandingOf(replay),
      'asked for': new Date(replay.createdAt).toISOString(),
      by: oneLine(replay.who),
      filter: JSON.stringify(replay.filter),
      note: oneLine(replay.why ?? replay.note),
    })),
  );
}

/** Minutes, in words. */
function duration(minutes: number): string {
  if (minutes < 1) return 'less than a minute';
  return minutes < 120 ? `about ${Math.ceil(minutes)} min` : `about ${(minutes / 60).toFixed(1)} h`;
}
