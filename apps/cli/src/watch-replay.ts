import { outstandingOf, type ReplayRecord, type Replays } from '@sluice/queue';
import { EXIT, type ExitCode } from './exit-code.ts';
import { bar } from './progress.ts';
import { renderReplay } from './render-replay.ts';
import type { Surroundings } from './surroundings.ts';

/** Milliseconds between two looks. */
const LOOK = 1_000;

/** Looks after which a worker should have taken a replay up, and after which what is on its way should have moved. */
const TAKEN_UP = 7;
const STUCK = 15;

/**
 * Tells how a replay goes on, a line whenever that has changed (on a terminal the last one, with a bar), until it is
 * done, paused or cancelled. To leave does not stop it.
 *
 * @returns failed unless all that it put back was delivered
 */
export async function watchReplay(
  replays: Pick<Replays, 'get'>,
  id: string,
  { out, err, status, clock }: Pick<Surroundings, 'out' | 'err' | 'status' | 'clock'>,
): Promise<ExitCode> {
  const { signal } = new AbortController();
  let told = '';
  let same = 0;
  for (let look = 1; ; look++) {
    const replay = await replays.get(id);
    if (!replay) {
      err(`error: there is no replay ${id}  — sluice replay list shows those that are remembered`);
      return EXIT.failed;
    }
    const line = renderReplay(replay);
    same = line === told ? same + 1 : 0;
    const isOver = replay.state !== 'running';
    if (same === 0 && (isOver || !status)) out(line);
    if (!isOver) status?.(`${bar(replay.replayed - outstandingOf(replay), replay.planned)}  ${line}`);
    told = line;
    if (same === STUCK && outstandingOf(replay) > 0) err(WAITING);
    if (look === TAKEN_UP && replay.steppedAt === 0) err('no worker has taken it up yet  — is one running?');
    if (isOver) return exitOf(replay);
    await clock.delay(LOOK, signal);
  }
}

const WAITING = 'what is on its way waits  — sluice connections held tells whether its connection is held';

function exitOf({ state, died }: ReplayRecord): ExitCode {
  return state === 'done' && died === 0 ? EXIT.ok : EXIT.failed;
}
