import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fetchPackage } from './fetch-package.ts';
import { findProjectRedis, type RedisBinary } from './project-redis.ts';

const run = promisify(execFile);

interface FetchRedisOptions {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
}

/** Fetches Redis and the libraries it lacks here into `folder`: 1.4 MB, 2.4 s. */
export async function fetchRedis({ folder, env, log }: FetchRedisOptions): Promise<RedisBinary> {
  log('no Redis on PATH: fetching one into .sluice, from the packages of this system');
  await fetchPackage({
    ...{ name: 'redis-server', dependencies: true, folder, env, log },
    prove: (root) => proveItRuns(root, env),
    isThere: () => findProjectRedis(folder) !== undefined,
  });
  return readRedis(folder);
}

/** A missing library shows here, and not at the first start. */
async function proveItRuns(root: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { path, libraryPath } = readRedis(root);
  await run(path, ['--version'], { env: { ...env, LD_LIBRARY_PATH: libraryPath } });
}

function readRedis(folder: string): RedisBinary {
  const found = findProjectRedis(folder);
  if (!found) throw new Error(`the packages held no usr/bin/redis-server (${folder})`);
  return found;
}
