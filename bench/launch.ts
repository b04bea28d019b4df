import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

export interface LaunchOptions {
  /** Its whole environment, besides PATH and HOME. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** File that its stdout is appended to. */
  readonly log: string;
  /** Other than this process' Node. */
  readonly program?: string;
}

/** Starts Node with these arguments as a separate process that logs to a file and ends with this one. */
export async function launch(args: readonly string[], options: LaunchOptions): Promise<ChildProcess> {
  const { PATH = '', HOME = '' } = process.env;
  const log = openSync(options.log, 'a');
  const child = spawn(options.program ?? process.execPath, args, {
    cwd: options.cwd,
    stdio: ['ignore', log, 'inherit'],
    env: { PATH, HOME, ...options.env },
  });
  closeSync(log);
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  await once(child, 'spawn');
  return child;
}

/** SIGTERM, and waits for its exit. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
