import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface RunningServer {
  readonly port: number;
  readonly pid: number;
  end(): void;
}

/**
 * Starts a server of a few lines, as a separate process, and waits until it reports its port.
 *
 * @param program its path, from this folder
 */
export async function startServer(program: string, args: readonly string[]): Promise<RunningServer> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = fork(path, args, {
    execArgv: ['--conditions=@sluice/source', '--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  process.once('exit', () => void child.kill('SIGKILL'));
  const [port] = await once(child, 'message');
  return { port: Number(port), pid: child.pid ?? 0, end: () => void child.kill('SIGKILL') };
}
