import type { Contestant, Place, RunningContestant } from './contestant.ts';
import type { Mode } from './modes.ts';
import { type Measured, runTrial, type Stage, type Work } from './trial.ts';

/** What each contestant came to, round by round. */
export type Rounds = ReadonlyMap<string, readonly Measured[]>;

/** Webhooks before those that count: code is compiled, connections are opened. */
const WARM = 3_000;

/** Orders that a mode needs, each sent once to each contestant. */
export const ordersOf = ({ count, rounds }: Pick<Mode, 'count' | 'rounds'>): number => WARM + count * rounds;

/** Starts the contestants of a mode, lets them take turns, and stops them. */
export async function runMode(stage: Stage, mode: Mode, place: Omit<Place, 'concurrency'>): Promise<Rounds> {
  const { sandbox } = stage;
  const { latency, failures, count, rate } = mode;
  const running: (readonly [Contestant, RunningContestant])[] = [];
  const rounds = new Map<string, Measured[]>(mode.contestants.map(({ title }) => [title, []]));
  try {
    for (const contestant of mode.contestants) {
      const started = await contestant.start({ ...place, concurrency: mode.concurrency });
      running.push([contestant, started]);
      await runTrial(stage, started, { from: 0, count: WARM / (contestant.fewer ?? 1) });
    }
    if (latency) await sandbox.addFault({ kind: 'latency', ms: latency });
    if (failures) await sandbox.addFault({ kind: 'status', status: 500, probability: failures });
    for (let round = 0; round < mode.rounds; round++) {
      for (const [{ title, fewer = 1 }, started] of round % 2 ? running.toReversed() : running) {
        const work: Work = { from: WARM + round * count, count: count / fewer, ...(rate ? { rate } : {}) };
        const measured = await runTrial(stage, started, work);
        rounds.get(title)?.push(measured);
        const { perSecond, lost } = measured;
        process.stderr.write(
          `round ${round + 1}, ${title}: ${perSecond.toFixed(0)} events/s, ${lost} lost\n`,
        );
      }
    }
  } finally {
    await sandbox.clearFaults();
    for (const [, started] of running) await started.stop();
  }
  return rounds;
}
