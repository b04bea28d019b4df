import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './root.ts';

/** What is started as a process of its own. */
const APPS = ['ingest', 'worker', 'console', 'cli', 'sandbox'] as const;

/** Milliseconds after which people are told what they wait for. */
const PATIENCE = 1_000;

let build: Promise<void> | undefined;

/**
 * Builds the apps as their image does, once for each process that asks: eight seconds if nothing was built before,
 * 0.2 if nothing changed. A built app starts in half the time that it takes from its sources.
 *
 * @param log is told if it takes long
 * @throws an Error with what the compiler says, if they cannot be built
 */
export function buildApps(log: (line: string) => void = () => {}): Promise<void> {
  build ??= compile(log);
  return build;
}

async function compile(log: (line: string) => void): Promise<void> {
  const telling = setTimeout(() => log('Building the apps, once …'), PATIENCE);
  const projects = APPS.map((name) => `apps/${name}/tsconfig.build.json`);
  try {
    const run = promisify(execFile);
    await run(join(ROOT, 'node_modules/.bin/tsc'), ['-b', ...projects], { cwd: ROOT });
    await run(process.execPath, [join(ROOT, 'libs/queue/scripts/copy-lua.mjs')]);
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    throw new Error(`the apps could not be built: ${stdout || (error as Error).message}`);
  } finally {
    clearTimeout(telling);
  }
}

/** Of a built app, for Node. */
export const programOf = (app: (typeof APPS)[number]): string => join(ROOT, 'apps', app, 'dist/main.js');

/**
 * Builds the console's page, unless it is as new as its sources: three seconds that the first start takes longer.
 *
 * @throws an Error for people if it cannot be built
 */
export async function buildPage(log: (line: string) => void = () => {}): Promise<void> {
  const room = join(ROOT, 'apps/console');
  const built = await timeOf(join(room, 'dist/web/index.html'));
  if (built > 0 && built >= (await newestIn(join(room, 'web')))) return;
  log('Building the page of the console, once …');
  const building = spawn('npm', ['run', 'build:web', '--silent', '-w', 'apps/console'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    // Tests run as `test`, for which Vite would build React with all that developers need: twice the size.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const [code] = await once(building, 'exit');
  if (code !== 0) throw new Error('the page of the console could not be built: npm ci, then start again');
}

async function newestIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const times = await Promise.all(files.map(({ parentPath, name }) => timeOf(join(parentPath, name))));
  return Math.max(0, ...times);
}

/** When it was last written, in milliseconds since the epoch; 0 where there is none. */
async function timeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
