import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '@sluice/testing';

export interface RunningPostgres {
  readonly port: number;
  readonly pid: number;
  readonly user: string;
  readonly database: string;
  stop(): Promise<void>;
}

const DEBIAN = '/usr/lib/postgresql';
const USER = 'bench';
/** Milliseconds. */
const START_WITHIN = 30_000;

/**
 * Starts a separate Postgres on a free port of 127.0.0.1, with the settings that it comes with.
 *
 * @throws an Error if Postgres is not installed: `apt-get install postgresql`
 */
export async function startPostgres(): Promise<RunningPostgres> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-postgres-'));
  const who = unprivileged();
  if (who) chownSync(dir, who.uid, who.gid);
  const data = join(dir, 'data');
  execFileSync(binary('initdb'), ['-D', data, '-U', USER, '-A', 'trust'], {
    ...who,
    cwd: dir,
    stdio: 'ignore',
  });
  const port = await freePort();
  const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', dir];
  const child = spawn(binary('postgres'), args, { ...who, cwd: dir, stdio: 'ignore' });
  const kill = () => void child.kill('SIGQUIT');
  process.once('exit', kill);
  await once(child, 'spawn');
  await untilReachable(port);
  return {
    ...{ port, pid: child.pid ?? 0, user: USER, database: 'postgres' },
    async stop() {
      process.off('exit', kill);
      const exited = once(child, 'exit');
      child.kill('SIGINT');
      await exited;
      await rm(dir, { recursive: true });
    },
  };
}

/** Postgres refuses to run as root: then it runs as the user that its package made. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Debian does not put them on PATH. */
function binary(name: string): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const path = versions.map((version) => join(DEBIAN, version, 'bin', name)).find(existsSync);
  return path ?? name;
}

async function untilReachable(port: number): Promise<void> {
  for (let waited = 0; waited < START_WITHIN; waited += 50) {
    const socket = connect(port, '127.0.0.1');
    const reached = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (reached) return;
    await pause(50);
  }
  throw new Error('Postgres does not listen');
}
