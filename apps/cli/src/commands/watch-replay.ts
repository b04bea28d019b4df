import { outstandingOf, type ReplayRecord, type Replays } from '@sluice/queue';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { renderBar } from '../render/format.ts';
import { renderReplay } from '../render/replay.ts';

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
