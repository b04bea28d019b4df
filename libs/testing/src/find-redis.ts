import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetchPackage } from './fetch-package.ts';
import { findOnPath, isExecutable } from './find-on-path.ts';
import { withFileLock } from './with-file-lock.ts';

export type FoundRedis = { readonly kind: 'url'; readonly url: string } | RedisBinary;

export interface FindRedisOptions {
  /** Environment with REDIS_URL and PATH. */
  readonly env: NodeJS.ProcessEnv;
  /** A downloaded Redis is kept in its `.sluice/redis-server`. */
  readonly projectRoot: string;
  /** Receives progress lines. */
  readonly log?: (line: string) => void;
}

export const NO_REDIS =
  'Redis not found. Install it (sudo apt-get install -y redis-server, or brew install valkey) or set REDIS_URL.';

/**
 * Finds a Redis: REDIS_URL, `valkey-server` or `redis-server` on PATH, the project's folder, or downloaded to that
 * folder from the packages of Debian or Ubuntu, without root. Safe for concurrent processes: one downloads, the
 * others wait.
 *
 * @throws Error with one line that states what to install, and the reason as its `cause`
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
  /** LD_LIBRARY_PATH of a binary whose libraries are not installed. */
  readonly libraryPath?: string;
  readonly origin: 'path' | 'project';
}

/** Returns the Redis unpacked into `folder`, if it exists. */
function findProjectRedis(folder: string): RedisBinary | undefined {
  const path = join(folder, 'usr/bin/redis-server');
  if (!isExecutable(path)) return undefined;
  return { kind: 'binary', path, libraryPath: libraryFolders(folder).join(':'), origin: 'project' };
}

/** Packages install libraries to `usr/lib/<triplet>`, older ones to `lib/<triplet>`. */
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

/** Downloads Redis and its missing libraries to `folder`: 1.4 MB, 2.4 s. */
async function fetchRedis({ folder, env, log }: FetchRedisOptions): Promise<RedisBinary> {
  log('No Redis on PATH. Downloading it to .sluice from the packages of this system …');
  await fetchPackage({
    ...{ name: 'redis-server', dependencies: true, folder, env, log },
    verify: (root) => verifyRuns(root, env),
    isInstalled: () => findProjectRedis(folder) !== undefined,
  });
  return readRedis(folder);
}

/** Detects a missing library now instead of at the first start. */
async function verifyRuns(root: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { path, libraryPath } = readRedis(root);
  await run(path, ['--version'], { env: { ...env, LD_LIBRARY_PATH: libraryPath } });
}

function readRedis(folder: string): RedisBinary {
  const found = findProjectRedis(folder);
  if (!found) throw new Error(`The packages do not contain usr/bin/redis-server (${folder}).`);
  return found;
}
