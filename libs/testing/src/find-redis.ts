import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetchPackage } from './fetch-package.ts';
import { findOnPath, isExecutable } from './find-on-path.ts';
import { withFileLock } from './with-file-lock.ts';

export type FoundRedis = { readonly kind: 'url'; readonly url: string } | RedisBinary;

export interface FindRedisOptions {
  /** REDIS_URL and PATH are read from it. */
  readonly env: NodeJS.ProcessEnv;
  /** Its `.sluice/redis-server` is where a fetched Redis lives. */
  readonly projectRoot: string;
  /** Told of what takes time, one line each. */
  readonly log?: (line: string) => void;
}

export const NO_REDIS =
  'no Redis found: install one (sudo apt-get install -y redis-server, or brew install valkey) or set REDIS_URL';

/**
 * Finds a Redis: REDIS_URL, `valkey-server` or `redis-server` on PATH, the project's own folder, or fetched
 * into that folder from Debian's or Ubuntu's packages, which needs no root.
 *
 * Any number of processes may look at once; one of them fetches, the others wait for it.
 * Throws an error of one line that says what to install, with the reason as its `cause`.
 */
export async function findRedis({ env, projectRoot, log = () => {} }: FindRedisOptions): Promise<FoundRedis> {
  if (env.REDIS_URL) return { kind: 'url', url: env.REDIS_URL };

  const onPath = findOnPath(['valkey-server', 'redis-server'], env.PATH);
  if (onPath) return { kind: 'binary', path: onPath, origin: 'path' };

  const folder = join(projectRoot, '.sluice', 'redis-server');
  try {
    return (
      findProjectRedis(folder) ??
      (await withFileLock(
        `${folder}.lock`,
        async () => findProjectRedis(folder) ?? fetchRedis({ folder, env, log }),
      ))
    );
  } catch (cause) {
    throw new Error(NO_REDIS, { cause });
  }
}

export interface RedisBinary {
  readonly kind: 'binary';
  readonly path: string;
  /** For LD_LIBRARY_PATH, when the binary lives apart from its libraries. */
  readonly libraryPath?: string;
  readonly origin: 'path' | 'project';
}

/** The Redis whose packages were unpacked into `folder`, if there is one. */
function findProjectRedis(folder: string): RedisBinary | undefined {
  const path = join(folder, 'usr/bin/redis-server');
  if (!isExecutable(path)) return undefined;
  return { kind: 'binary', path, libraryPath: libraryFolders(folder).join(':'), origin: 'project' };
}

/** Packages put their libraries into `usr/lib/<triplet>`, older ones into `lib/<triplet>`. */
function libraryFolders(folder: string): string[] {
  return ['usr/lib', 'lib'].flatMap((parent) =>
    subfolders(join(folder, parent)).filter((path) => readdirSync(path).some((name) => name.includes('.so'))),
  );
}

function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
}

const run = promisify(execFile);

interface FetchRedisOptions {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
}

/** Fetches Redis and the libraries it lacks here into `folder`: 1.4 MB, 2.4 s. */
async function fetchRedis({ folder, env, log }: FetchRedisOptions): Promise<RedisBinary> {
  log('no Redis on PATH: fetching one into .sluice, from the packages of this system');
  await fetchPackage({
    ...{ name: 'redis-server', dependencies: true, folder, env, log },
    verify: (root) => verifyRuns(root, env),
    isInstalled: () => findProjectRedis(folder) !== undefined,
  });
  return readRedis(folder);
}

/** A missing library shows here, and not at the first start. */
async function verifyRuns(root: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { path, libraryPath } = readRedis(root);
  await run(path, ['--version'], { env: { ...env, LD_LIBRARY_PATH: libraryPath } });
}

function readRedis(folder: string): RedisBinary {
  const found = findProjectRedis(folder);
  if (!found) throw new Error(`the packages held no usr/bin/redis-server (${folder})`);
  return found;
}
