import { median, spread } from '../numbers.ts';
import { report } from './report.ts';
import { startReplay, untilEnded } from './run-replay.ts';
import { openStage } from './stage.ts';

const SEEDED = 1_000;
const ROUNDS = 4;

/** How many die again of a replay of what Botpress still refuses, before it pauses itself. */
export async function benchStillBroken(): Promise<string> {
  const [died, seconds, why]: [number[], number[], string[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    // Each afresh: by the second the connection would be held, and nothing would die.
    const stage = await openStage();
    await Promise.all([stage.startWorker(), stage.startWorker()]);
    await stage.seed(SEEDED);
    await stage.sandbox.addFault({ kind: 'error', error: 'InvalidPayload' });
    const start = performance.now();
    const replay = await untilEnded(stage, await startReplay(stage));
    seconds.push((performance.now() - start) / 1_000);
    await stage.drained();
    died.push((await stage.replays.get(replay.id))?.died ?? Number.NaN);
    why.push(`${replay.state}: ${replay.why}`);
    await stage.close();
    report(`still broken, round ${round + 1}: ${why.at(-1)}`);
  }
  return [
    `| ${SEEDED.toLocaleString('en-US')} dead letters that Botpress still refuses, two workers, ${ROUNDS} replays | median (least to most) |`,
    '| --- | --- |',
    `| died again, in all, before it paused itself | ${median(died)} (${Math.min(...died)} to ${Math.max(...died)}) |`,
    `| seconds until it had paused | ${spread(seconds, 1)} |`,
    `| what it says | ${[...new Set(why)].join('; ')} |`,
  ].join('\n');
}
