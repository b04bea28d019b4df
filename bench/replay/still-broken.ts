import { median, spread } from './numbers.ts';
import { tell } from './results.ts';
import { startReplay, untilEnded } from './run-replay.ts';
import { openStage } from './stage.ts';

const SEEDED = 1_000;
const ROUNDS = 5;

/** How many die again of a replay of what Botpress still refuses, before it pauses itself. */
export async function benchStillBroken(): Promise<string> {
  const stage = await openStage();
  await stage.startWorker();
  await stage.startWorker();
  await stage.seed(SEEDED);
  await stage.sandbox.addFault({ kind: 'error', error: 'InvalidPayload' });
  const [died, seconds, why]: [number[], number[], string[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const replay = await untilEnded(stage, await startReplay(stage));
    await stage.drained();
    died.push((await stage.replays.get(replay.id))?.died ?? Number.NaN);
    seconds.push((performance.now() - start) / 1_000);
    why.push(`${replay.state}: ${replay.why}`);
    tell(`still broken, round ${round + 1}: ${why.at(-1)}`);
  }
  await stage.close();
  return [
    `| ${SEEDED.toLocaleString('en-US')} dead letters that Botpress still refuses, two workers, ${ROUNDS} replays | median (least to most) |`,
    '| --- | --- |',
    `| died again, in all, before it paused itself | ${median(died)} (${Math.min(...died)} to ${Math.max(...died)}) |`,
    `| seconds until it had paused | ${spread(seconds, 1)} |`,
    `| what it says | ${[...new Set(why)].join('; ')} |`,
  ].join('\n');
}
