import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { end, launch } from './launch.ts';

export interface BuiltAppOptions {
  /** Of a built checkout. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where its log is written, as `<app>.log`. */
  readonly dir: string;
  /** Of Node, before the program. */
  readonly nodeArgs?: readonly string[];
}

export interface BuiltApp {
  /** Where it listens; of the worker, its metrics. */
  readonly url: URL;
  readonly pid: number;
  /** SIGTERM, and waits for its exit. */
  stop(): Promise<void>;
}

/** Milliseconds. */
const START_WITHIN = 15_000;

/** Starts a worker or ingest as its image does: what was built, with NODE_ENV=production; does not wait. */
export function launchBuilt(
  app: 'ingest' | 'worker',
  { root, env, nodeArgs = [] }: Omit<BuiltAppOptions, 'dir'>,
  log: string,
): Promise<ChildProcess> {
  const asked = (process.env.SLUICE_BENCH_NODE_ARGS ?? '').split(' ').filter(Boolean);
  const args = [...asked, ...nodeArgs, join(root, `apps/${app}/dist/main.js`)];
  return launch(args, { cwd: root, log, env: { NODE_ENV: 'production', ...env } });
}

/**
 * Starts one of the apps as its image does, and waits until it says where it listens.
 *
 * @throws an Error if it does not listen within 15 s
 */
export async function startBuilt(app: 'ingest' | 'worker', options: BuiltAppOptions): Promise<BuiltApp> {
  const log = join(options.dir, `${app}.log`);
  const pattern = app === 'worker' ? /"metricsUrl":"([^"]+)"/ : /"url":"([^"]+)"/;
  const child = await launchBuilt(app, options, log);
  for (let waited = 0; waited < START_WITHIN; waited += 50) {
    const url = pattern.exec(await readFile(log, 'utf8'))?.[1];
    if (url) return { url: new URL(url), pid: child.pid ?? 0, stop: () => end(child) };
    await pause(50);
  }
  throw new Error(`${app} of ${options.root} does not listen: see ${log}`);
}
