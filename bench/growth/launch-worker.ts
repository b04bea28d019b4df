import type { ChildProcess } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchBuilt } from '../start-built.ts';
import type { Stage } from './phases.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Starts the worker that was built, with such connections; does not wait. */
export async function launchWorker(
  { dir, sandbox }: Stage,
  redisUrl: string,
  connections: readonly object[],
): Promise<ChildProcess> {
  const own = await mkdtemp(join(dir, 'worker-'));
  const path = join(own, 'connections.json');
  await writeFile(path, JSON.stringify({ connections }));
  const env = {
    ...{ REDIS_URL: redisUrl, SLUICE_CONNECTIONS: path, BOTPRESS_API_URL: sandbox.url },
    ...{ SLUICE_WORKER_METRICS_PORT: '0', SLUICE_WORKER_CONCURRENCY: '50' },
  };
  return launchBuilt('worker', { root: ROOT, env }, join(own, 'log'));
}
