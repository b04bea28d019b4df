import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './root.ts';

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
