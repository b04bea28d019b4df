import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface FetchPackageOptions {
  /** Name in Debian and Ubuntu. */
  readonly name: string;
  /** Whether missing dependencies are downloaded too. */
  readonly dependencies: boolean;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  /** Throws if the unpacked package does not run. */
  readonly verify: (folder: string) => Promise<unknown>;
  /** Whether the folder has the package, for example because another process was faster. */
  readonly isInstalled: () => boolean;
}

/**
 * Downloads a package of Debian or Ubuntu and unpacks it into `folder`, atomically. Requires apt and dpkg, but not
 * root. Downloads another 10 MB if the package lists of the system are missing or stale.
 */
export async function fetchPackage(options: FetchPackageOptions): Promise<void> {
  const { folder, env } = options;
  await mkdir(dirname(folder), { recursive: true });
  const scratch = await mkdtemp(`${folder}.`);
  try {
    const debs = join(scratch, 'debs');
    await mkdir(debs);
    await downloadInto(debs, scratch, options);
    const root = join(scratch, 'root');
    for (const deb of await readdir(debs)) await run('dpkg', ['-x', join(debs, deb), root], { env });
    await options.verify(root);
    await rename(root, folder).catch((error) => {
      if (!options.isInstalled()) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function downloadInto(into: string, scratch: string, options: FetchPackageOptions): Promise<void> {
  const { env, log } = options;
  try {
    await downloadWith(systemApt(env), into, options);
  } catch {
    log('The package lists of this system are missing or stale. Downloading temporary ones …');
    await downloadWith(await privateApt(env, join(scratch, 'apt')), into, options);
  }
}

async function downloadWith(
  apt: Apt,
  into: string,
  { name, dependencies }: FetchPackageOptions,
): Promise<void> {
  const names = await apt.packagesOf(name);
  if (!names.includes(name)) throw new Error(`apt does not find the package ${name}`);
  await apt.download(dependencies ? names : [name], into);
}

/** A mirror that does not respond must not hang `npm start`. */
const LIMIT_MS = 120_000;

interface Apt {
  /** Returns the package and its missing dependencies. */
  packagesOf(name: string): Promise<string[]>;
  download(names: readonly string[], into: string): Promise<void>;
}

/** Returns apt with the package lists of the system. */
function systemApt(env: NodeJS.ProcessEnv): Apt {
  return aptWith(env, []);
}

/**
 * Returns apt with fresh package lists in `folder`, which requires neither root nor an earlier `apt-get update`.
 * Unreachable sources are skipped: it only matters whether the package is found.
 */
async function privateApt(env: NodeJS.ProcessEnv, folder: string): Promise<Apt> {
  const lists = join(folder, 'lists');
  const cache = join(folder, 'cache');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
  const options = [`Dir::State::lists=${lists}`, `Dir::Cache=${cache}`, 'Acquire::Languages=none'];
  // Also exits with 100 if a system hook (the `rm` of docker-clean) is not permitted for this user.
  await aptGet(env, options, ['update']).catch(() => {});
  return aptWith(env, options);
}

function aptWith(env: NodeJS.ProcessEnv, options: readonly string[]): Apt {
  return {
    packagesOf: async (name) => {
      const plan = await aptGet(env, options, ['install', '-s', '--no-install-recommends', name]);
      return [...plan.matchAll(/^Inst (\S+)/gm)].map(([, found]) => String(found));
    },
    download: async (names, into) => {
      await aptGet(env, options, ['download', ...names], into);
    },
  };
}

async function aptGet(
  env: NodeJS.ProcessEnv,
  options: readonly string[],
  args: readonly string[],
  cwd?: string,
): Promise<string> {
  const settings = ['Debug::NoLocking=1', 'Acquire::Retries=2', ...options].flatMap((option) => [
    '-o',
    option,
  ]);
  const { stdout } = await run('apt-get', [...settings, ...args], {
    env: { ...env, LC_ALL: 'C' },
    timeout: LIMIT_MS,
    maxBuffer: 16 * 1024 * 1024,
    ...(cwd ? { cwd } : {}),
  });
  return stdout;
}
