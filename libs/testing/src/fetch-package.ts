import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface FetchPackageOptions {
  /** As Debian and Ubuntu call it. */
  readonly name: string;
  /** Whether what it depends on and is not installed here is fetched too. */
  readonly dependencies: boolean;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  /** Throws where what was unpacked into a folder does not run. */
  readonly verify: (folder: string) => Promise<unknown>;
  /** Whether the folder holds it, as when another process was faster. */
  readonly isInstalled: () => boolean;
}

/**
 * Downloads a package from Debian's or Ubuntu's and unpacks it into `folder`, all at once or not at all. Needs apt and
 * dpkg, but no root; 10 MB more where the system's package lists are missing or name versions that the mirror no
 * longer has.
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
    log('the package lists of this system are missing or stale: fetching fresh ones, for this once');
    await downloadWith(await privateApt(env, join(scratch, 'apt')), into, options);
  }
}

async function downloadWith(
  apt: Apt,
  into: string,
  { name, dependencies }: FetchPackageOptions,
): Promise<void> {
  const names = await apt.packagesOf(name);
  if (!names.includes(name)) throw new Error(`apt knows no package ${name}`);
  await apt.download(dependencies ? names : [name], into);
}

/** A mirror that does not answer must not hang `npm start`. */
const LIMIT_MS = 120_000;

interface Apt {
  /** The package and what it needs that is not installed here. */
  packagesOf(name: string): Promise<string[]>;
  download(names: readonly string[], into: string): Promise<void>;
}

/** apt with the package lists that the system has. */
function systemApt(env: NodeJS.ProcessEnv): Apt {
  return aptWith(env, []);
}

/**
 * apt with fresh package lists in `folder`, so that neither root nor earlier `apt-get update` is needed.
 * Sources that cannot be reached are passed over: what matters is whether redis-server was found.
 */
async function privateApt(env: NodeJS.ProcessEnv, folder: string): Promise<Apt> {
  const lists = join(folder, 'lists');
  const cache = join(folder, 'cache');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
  const options = [`Dir::State::lists=${lists}`, `Dir::Cache=${cache}`, 'Acquire::Languages=none'];
  // Also exits with 100 where a hook of the system (docker-clean's `rm`) may not run for this user.
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
