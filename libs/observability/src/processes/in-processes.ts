import cluster, { type Worker } from 'node:cluster';
import type { Logger } from './logger.ts';

export interface InProcessesOptions {
  /** How many; with one, there is none besides this. */
  readonly count: number;
  /** What differs in the environment of one of them; from 0. */
  readonly envOf: (index: number) => Readonly<Record<string, string>>;
  readonly logger: Logger;
  /** The app. It listens, and ends its process by itself when it is told to (`shutDownOnSignal`). */
  readonly run: () => Promise<void>;
}

/** Milliseconds until one that has died is started anew: it must not take all CPU if it dies at once. */
const AGAIN_AFTER = 1_000;

/**
 * Runs an app in several processes, which share the port that they listen on. The first process only looks after the
 * others: one that dies is started anew, one that cannot even start ends them all, and a signal ends them as each ends
 * by itself. If it dies, they end at once.
 *
 * @returns what `run` does in each of them; in the first, never
 */
export async function inProcesses({ count, envOf, logger, run }: InProcessesOptions): Promise<void> {
  if (count === 1 || cluster.isWorker) return run();
  let isEnding = false;
  const end = () => {
    isEnding = true;
    for (const process of processes()) process.process.kill('SIGTERM');
  };
  const start = (index: number) => {
    const one = cluster.fork(envOf(index));
    logger.info({ process: index, pid: one.process.pid }, 'process started');
    let hasListened = false;
    one.once('listening', () => {
      hasListened = true;
    });
    one.once('exit', (code, signal) => {
      if (isEnding) return endIfLast(code);
      // Its own words are on stderr.
      if (!hasListened) return endWith(code);
      logger.error({ process: index, code, signal }, 'process died: starting another');
      setTimeout(() => isEnding || start(index), AGAIN_AFTER);
    });
  };
  const endWith = (code: number) => {
    process.exitCode = code;
    end();
  };
  const endIfLast = (code: number) => {
    process.exitCode ||= code;
    if (processes().length === 0) process.exit();
  };
  process.on('SIGTERM', end);
  // From a terminal it goes to all processes, and a second signal would stop them hard.
  process.on('SIGINT', () => {
    isEnding = true;
  });
  for (let index = 0; index < count; index++) start(index);
}

function processes(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((one) => one !== undefined);
}
