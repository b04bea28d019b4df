import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { buildApps, programOf } from './build-apps.ts';
import { killAtExit } from './kill-at-exit.ts';
import { type LogLine, LogLines } from './log-lines.ts';
import type { Exit } from './redis-process.ts';
import { ROOT } from './root.ts';

export type AppName = 'ingest' | 'worker' | 'console' | 'sandbox';

export interface StartAppOptions {
  /** Its whole environment, besides PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** In a process group of its own, which a terminal's Ctrl-C does not reach. */
  readonly detached?: boolean;
  /** For node, before the app, e.g. `['--import', './shift-the-clock.mjs']`. */
  readonly nodeArgs?: readonly string[];
}

export interface RunningApp {
  readonly name: AppName;
  /** Where it listens; of the worker, its metrics. */
  readonly url: string;
  /** The line with which it said that it is ready. */
  readonly ready: LogLine;
  readonly pid: number;
  readonly lines: LogLines;
  readonly exited: Promise<Exit>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and waits for its exit: the app drains. */
  stop(): Promise<Exit>;
}

/**
 * Starts an app as its image does, built if need be, as a process of its own, and waits until it says that it is
 * ready.
 *
 * @throws an Error with what it wrote to stderr, when it ends before; or with what the compiler says, if it cannot be
 * built
 */
export async function startApp(name: AppName, options: StartAppOptions = {}): Promise<RunningApp> {
  await buildApps();
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), programOf(name)], {
    cwd: ROOT,
    detached: options.detached ?? false,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME, LOG_PRETTY: 'false', ...options.env },
  });
  await once(child, 'spawn');
  killAtExit(child);
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const { lines, complaints } = readOutput(child);
  const saysReady = (line: LogLine) => typeof addressOf(line, name) === 'string';
  const ready = await Promise.race([lines.waitFor(saysReady), exited]);
  if (!('msg' in ready)) throw new Error(complaints.join('\n') || `${name} ended at start without a word`);
  return {
    name,
    url: String(addressOf(ready, name)),
    ready,
    pid: child.pid as number,
    lines,
    exited,
    signal: (signal) => void child.kill(signal),
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** Where the app is asked for what it is for: it logs that when it listens, and nothing of it before. */
const addressOf = (line: LogLine, name: AppName) => (name === 'worker' ? line.metricsUrl : line.url);

/** Enough for a stack trace. */
const MAX_COMPLAINTS = 40;

function readOutput(child: ChildProcess): { lines: LogLines; complaints: string[] } {
  const lines = new LogLines();
  const complaints: string[] = [];
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => lines.add(line));
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (complaints.length < MAX_COMPLAINTS) complaints.push(line);
    });
  }
  return { lines, complaints };
}
