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
  /** Its complete environment except PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** Runs in a separate process group, which Ctrl-C in a terminal does not reach. */
  readonly detached?: boolean;
  /** Arguments of node, for example `['--import', './shift-clock.mjs']`. */
  readonly nodeArgs?: readonly string[];
}

export interface RunningApp {
  readonly name: AppName;
  /** URL of the app; for the worker, of its metrics. */
  readonly url: string;
  /** The log line that announces that the app is ready. */
  readonly ready: LogLine;
  readonly pid: number;
  readonly lines: LogLines;
  readonly exited: Promise<Exit>;
  signal(name: NodeJS.Signals): void;
  /** Sends SIGTERM and waits for the exit: the app drains. */
  stop(): Promise<Exit>;
}

/**
 * Starts an app as in its image as a separate process, and waits until it is ready. Builds it if necessary.
 *
 * @throws Error with its stderr if it exits before, or with the compiler output if the build fails
 */
export async function startApp(name: AppName, options: StartAppOptions = {}): Promise<RunningApp> {
  await buildApps();
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), programOf(name)], {
    cwd: ROOT,
    detached: options.detached ?? false,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Tests and benchmarks send faster than a workspace at Botpress allows; those of its limit set it.
    env: {
      PATH,
      HOME,
      LOG_PRETTY: 'false',
      SLUICE_WORKSPACE_CALLS_PER_SECOND: '1000000',
      ...options.env,
    },
  });
  await once(child, 'spawn');
  killAtExit(child);
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const { lines, complaints } = readOutput(child);
  const saysReady = (line: LogLine) => typeof addressOf(line, name) === 'string';
  const ready = await Promise.race([lines.waitFor(saysReady), exited]);
  if (!('msg' in ready)) throw new Error(complaints.join('\n') || `${name} exited at start without output`);
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

/** Returns the address that the app logs when it listens. */
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
