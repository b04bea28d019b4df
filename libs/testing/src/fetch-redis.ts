import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Apt, aptOfOurOwn, aptOfTheSystem } from './apt.ts';
import { findProjectRedis, type RedisBinary } from './project-redis.ts';

const run = promisify(execFile);

interface FetchRedisOptions {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
}

/**
 * Downloads Redis and the libraries it lacks here from Debian's or Ubuntu's packages, and unpacks them into
 * `folder`, all at once or not at all. Needs apt and dpkg, but no root: 1.4 MB, 2.4 s; 10 MB more where the
 * system's package lists are missing or name versions that the mirror no longer has.
 */
export async function fetchRedis({ folder, env, log }: FetchRedisOptions): Promise<RedisBinary> {
  await mkdir(dirname(folder), { recursive: true });
  const scratch = await mkdtemp(`${folder}.`);
  try {
    log('no Redis on PATH: fetching one into .sluice, from the packages of this system');
    const debs = join(scratch, 'debs');
    await mkdir(debs);
    await downloadPackages(debs, env, scratch, log);

    const root = join(scratch, 'root');
    for (const deb of await readdir(debs)) await run('dpkg', ['-x', join(debs, deb), root], { env });
    await proveItRuns(root, env);
    await rename(root, folder).catch((error) => {
      // Another process was faster; its Redis is as good as ours.
      if (!findProjectRedis(folder)) throw error;
    });
    return readRedis(folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function downloadPackages(
  into: string,
  env: NodeJS.ProcessEnv,
  scratch: string,
  log: (line: string) => void,
): Promise<void> {
  try {
    await downloadWith(aptOfTheSystem(env), into);
  } catch {
    log('the package lists of this system are missing or stale: fetching fresh ones, for this once');
    await downloadWith(await aptOfOurOwn(env, join(scratch, 'apt')), into);
  }
}

async function downloadWith(apt: Apt, into: string): Promise<void> {
  const names = await apt.packagesOf('redis-server');
  if (!names.includes('redis-server')) throw new Error('apt knows no package redis-server');
  await apt.download(names, into);
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
