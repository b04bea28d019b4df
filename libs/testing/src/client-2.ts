import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ROOT } from './root.ts';

const run = promisify(execFile);

/** Environment variable with the folder of a git clone of github.com/botpress/botpress, with or without a work tree. */
const CLONE_VARIABLE = 'SLUICE_TEST_BOTPRESS_CLONE';

/** The class `Client` of `@botpress/client` 2.x, or the reason for its absence. */
export type Client2 =
  | { readonly clientClass: unknown; readonly version: string }
  | { readonly missing: string };

/**
 * Builds `@botpress/client` 2.x from its published source: generates its operations from the installed `@botpress/api`, as
 * its own build does. The sources are kept in `.sluice`, by their git hash.
 */
export async function buildClient2(env: NodeJS.ProcessEnv = process.env): Promise<Client2> {
  const clone = env[CLONE_VARIABLE];
  if (!clone) return { missing: `${CLONE_VARIABLE} names no clone of github.com/botpress/botpress` };
  const hash = (await run('git', ['-C', clone, 'rev-parse', 'HEAD:packages/client'])).stdout.trim();
  const cache = join(ROOT, '.sluice', 'botpress-client');
  const folder = join(cache, hash);
  if (!existsSync(folder)) {
    if (!canResolve('@botpress/api', cache)) return { missing: '@botpress/api is not installed' };
    await mkdir(cache, { recursive: true });
    await generate(clone, folder);
  }
  const { version } = createRequire(import.meta.url)(join(folder, 'package.json')) as { version: string };
  if (!version.startsWith('2.')) return { missing: `${clone} contains @botpress/client ${version}` };
  const source = await import(pathToFileURL(join(folder, 'src', 'index.ts')).href);
  return { clientClass: source.Client, version };
}

/** Unpacks and generates the sources into `folder`, atomically: other processes may do the same. */
async function generate(clone: string, folder: string): Promise<void> {
  const scratch = await mkdtemp(`${folder}.`);
  try {
    const archive = join(scratch, 'client.tar');
    const options = { cwd: scratch };
    await run('git', ['-C', clone, 'archive', '-o', archive, 'HEAD:packages/client']);
    await run('tar', ['-xf', archive], options);
    // Its configuration of TypeScript extends that of the whole repository.
    await Promise.all([archive, join(scratch, 'tsconfig.json')].map((file) => rm(file)));
    await run(process.execPath, ['--import', 'tsx', 'openapi.ts'], options);
    await rename(scratch, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function canResolve(name: string, folder: string): boolean {
  try {
    createRequire(join(folder, 'any.js')).resolve(name);
    return true;
  } catch {
    return false;
  }
}
