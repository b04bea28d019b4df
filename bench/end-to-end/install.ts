import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Below the project's folder that is not committed. */
const CACHE = fileURLToPath(new URL('../../.sluice/bench', import.meta.url));

/**
 * Installs a package of npm, of one version, outside the tree; once.
 *
 * Its scripts and those of what it depends on do not run: they would fetch from elsewhere, and compile.
 *
 * @returns the folder of the package
 */
export async function install(name: string, version: string): Promise<string> {
  const folder = join(CACHE, `${name}-${version}`);
  if (!existsSync(folder)) {
    process.stderr.write(`installing ${name}@${version} into ${folder}\n`);
    const part = `${folder}.part`;
    await rm(part, { recursive: true, force: true });
    await mkdir(part, { recursive: true });
    await writeFile(join(part, 'package.json'), '{"private":true}');
    const quietly = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    execFileSync('npm', ['install', ...quietly, `${name}@${version}`], { cwd: part, stdio: 'inherit' });
    await rename(part, folder);
  }
  return join(folder, 'node_modules', name);
}
