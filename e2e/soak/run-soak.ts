import { once } from 'node:events';
import { openWorkspace } from '../faults/workspace.ts';
import { explain } from './explain.ts';
import { followMemory, type MemorySample } from './memory-curve.ts';
import type { SoakOptions } from './parse-options.ts';
import { planFaults } from './plan-faults.ts';
import { renderRound, renderTitles } from './render.ts';
import { type Round, runRound } from './round.ts';
import { openSoak, type Soak } from './soak.ts';

/** The result of a soak. */
export interface SoakOutcome {
  readonly options: SoakOptions;
  readonly rounds: readonly Round[];
  readonly seconds: number;
  /** Distinct webhooks. */
  readonly sent: number;
  /** Responses by status; 0: no response. */
  readonly responses: ReadonlyMap<number, number>;
  /** Every minute from the first deliveries to the end. */
  readonly memory: readonly MemorySample[];
  /** Why the soak was aborted. */
  readonly broken: string | undefined;
}

/** Minimum length of a round in seconds. */
const SHORTEST = 20;

const STOPPED = 'stopped by a signal';

/**
 * Runs one pipeline for some minutes, in rounds, and prints each round when it ends.
 *
 * @param stop aborts the soak; the outcome has the results so far
 */
export async function runSoak(
  options: SoakOptions,
  stop: AbortSignal,
  print: (line: string) => void,
): Promise<SoakOutcome> {
  const begun = performance.now();
  const workspace = await openWorkspace();
  const rounds: Round[] = [];
  let soak: Soak | undefined;
  let memory: ReturnType<typeof followMemory> | undefined;
  const broken = await untilStopped(stop, async () => {
    soak = await openSoak(options, workspace);
    await soak.scene.load({ count: 20, make: soak.mix.next.bind(soak.mix) }).done;
    memory = followMemory(soak.scene);
    print(renderTitles());
    await runRounds(soak, options, stop, (round, explained) => {
      print(renderRound(round, rounds.at(-1)));
      for (const line of explained) print(line);
      rounds.push(round);
    });
  });
  const outcome = {
    options,
    rounds,
    broken,
    seconds: (performance.now() - begun) / 1_000,
    sent: soak?.model.size ?? 0,
    responses: soak?.scene.ledger.responses ?? new Map(),
    memory: (await memory?.stop()) ?? [],
  };
  await workspace.close();
  return outcome;
}

async function runRounds(
  soak: Soak,
  { minutes, seed, round: longest, rate, faults }: SoakOptions,
  stop: AbortSignal,
  onRound: (round: Round, explained: readonly string[]) => void,
): Promise<void> {
  const end = performance.now() + minutes * 60_000;
  const troubles = faults === 'none' ? [] : withoutEnd(planFaults(seed));
  for (let number = 1; !stop.aborted; number++) {
    const left = (end - performance.now()) / 1_000;
    if (left < SHORTEST) return;
    const ms = 1_000 * Math.min(longest, left);
    const round = await runRound(soak, number, { ms, rate, troubles });
    const failed = round.checks.some(({ ok }) => !ok);
    onRound(round, failed ? await explain(soak.scene, round) : []);
  }
}

/** `for … of` closes a generator on exit. This one continues in the next round. */
function withoutEnd<T>(generator: Iterator<T>): Iterable<T> {
  return { [Symbol.iterator]: () => ({ next: () => generator.next() }) };
}

/** Returns why the run was aborted: by a signal or an error. */
async function untilStopped(stop: AbortSignal, run: () => Promise<void>): Promise<string | undefined> {
  if (stop.aborted) return STOPPED;
  const stopped = once(stop, 'abort').then(() => STOPPED);
  const ended = run().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  return Promise.race([ended, stopped]);
}
