import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { buildApps, programOf } from './build-apps.ts';
import { killAtExit } from './kill-at-exit.ts';
import type { Exit } from './redis-process.ts';
import { ROOT } from './root.ts';

export interface SluiceRun extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `sluice` command. */
export interface RunningSluice {
  readonly ended: Promise<SluiceRun>;
  signal(name: NodeJS.Signals): void;
}

/**
 * Runs `sluice` as in the image as a separate process. Builds it if necessary.
 *
 * @param env its complete environment except PATH and HOME
 */
export async function runSluice(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<RunningSluice> {
  await buildApps();
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [programOf('cli'), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME, ...env },
  });
  await once(child, 'spawn');
  killAtExit(child);
  return { ended: collect(child), signal: (name) => void child.kill(name) };
}

async function collect(child: ChildProcess): Promise<SluiceRun> {
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const [stdout, stderr, [code, signal]] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    exit,
  ]);
  return { code, signal, stdout, stderr };
}
