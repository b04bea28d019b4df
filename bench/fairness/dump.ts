import { setTimeout as pause } from 'node:timers/promises';
import type { Flow } from './event.ts';
import { startTrial, type Trial } from './trial.ts';
import type { VariantName } from './variants.ts';
import { type Wait, waitsOf } from './waits.ts';

export interface DumpOptions {
  /** Events that the one connection dumps. */
  readonly size: number;
  /** Milliseconds from the start of the dump. */
  readonly window: number;
  /** Milliseconds at the end of the window in which the dump has settled. */
  readonly settled: number;
}

export interface DumpResult {
  /** Of the connection that shares the bot with the dump. */
  readonly shared: readonly Wait[];
  /** Of the connection with a bot of its own. */
  readonly separate: readonly Wait[];
  /** Events of the first bot that were sent in the window. */
  readonly sent: number;
  /** What the limit allows there. */
  readonly allowed: number;
  /** Takes of all that was enqueued, by event. */
  readonly passes: number;
  /** At the end of the window, a second: takes, and CPU in parts of a core. */
  readonly takesPerSecond: number;
  readonly workerCpu: number;
  readonly redisCpu: number;
}

/** Botpress' own. */
export const EVENTS_PER_MINUTE = 600;
const GROUP = 500;

const merchant = (connection: string, bot: string): Flow => ({
  ...{ connection, bot, eventsPerMinute: EVENTS_PER_MINUTE, share: 1 },
});
const DUMPING = merchant('dumping', 'bot-1');
const SHARED = merchant('shared', 'bot-1');
const SEPARATE = merchant('separate', 'bot-2');

/** One connection dumps; another of the same bot and one of another bot send one event a second. */
export async function runDump(variant: VariantName, options: DumpOptions): Promise<DumpResult> {
  const trial = await startTrial(variant);
  trial.crew.run();
  const end = Date.now() + options.window;
  const shared = trickle(trial, SHARED, end);
  const separate = trickle(trial, SEPARATE, end);
  for (let left = options.size; left > 0; left -= GROUP) await trial.enqueue(DUMPING, Math.min(GROUP, left));
  await pause(end - options.settled - Date.now());
  const before = await trial.costs();
  await pause(end - Date.now());
  const after = await trial.costs();
  const { sent, takes } = trial.crew;
  const seconds = (after.at - before.at) / 1_000;
  const result = {
    shared: waitsOf(await shared, sent, end),
    separate: waitsOf(await separate, sent, end),
    sent: sent.filter(({ connection }) => connection !== SEPARATE.connection).length,
    allowed: (EVENTS_PER_MINUTE * options.window) / 60_000,
    passes: takes / options.size,
    takesPerSecond: (after.takes - before.takes) / seconds,
    workerCpu: (after.workerCpu - before.workerCpu) / seconds,
    redisCpu: (after.redisCpu - before.redisCpu) / seconds,
  };
  await trial.stop();
  return result;
}

/** Enqueues one event a second until then. @returns when each was given to the queue */
async function trickle(trial: Trial, flow: Flow, end: number): Promise<Map<string, number>> {
  const given = new Map<string, number>();
  for (let next = Date.now(); next < end; next += 1_000) {
    await pause(next - Date.now());
    const at = Date.now();
    for (const id of await trial.enqueue(flow, 1)) given.set(id, at);
  }
  return given;
}
