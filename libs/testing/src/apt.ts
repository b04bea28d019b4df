import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A mirror that does not answer must not hang `npm start`. */
const LIMIT_MS = 120_000;

export interface Apt {
  /** The package and what it needs that is not installed here. */
  packagesOf(name: string): Promise<string[]>;
  download(names: readonly string[], into: string): Promise<void>;
}

/** apt with the package lists that the system has. */
export function aptOfTheSystem(env: NodeJS.ProcessEnv): Apt {
  return aptWith(env, []);
}

/**
 * apt with fresh package lists in `folder`, so that neither root nor earlier `apt-get update` is needed.
 * Sources that cannot be reached are passed over: what matters is whether redis-server was found.
 */
export async function aptOfOurOwn(env: NodeJS.ProcessEnv, folder: string): Promise<Apt> {
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
