import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RedisBinary } from './find-redis.ts';
import { findRedis } from './find-redis.ts';
import { assertPortIsFree, freePort, PortBusyError } from './ports.ts';
import { type Exit, type RedisProcess, spawnRedis } from './redis-process.ts';
import { ROOT } from './root.ts';

/** Redis syncs its file and exits within milliseconds. A hung one is killed. */
const STOP_WITHIN_MS = 10_000;

export interface StartRedisOptions {
  /** Data folder. Default: a temporary folder that `stop` removes. */
  readonly dir?: string;
  /** Default: a free port. */
  readonly port?: number;
  readonly projectRoot?: string;
  /** More arguments of redis-server, for example `['--maxmemory', '32mb']`. */
  readonly args?: readonly string[];
  /** Runs in a separate process group, which Ctrl-C in a terminal does not reach. */
  readonly detached?: boolean;
  /** Starts one even if REDIS_URL is set, for tests that freeze or kill it. */
  readonly own?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Receives progress lines. */
  readonly log?: (line: string) => void;
}

export interface RunningRedis {
  readonly url: string;
  readonly port: number;
  /** False for a shared Redis at REDIS_URL: use a separate key prefix there. */
  readonly owned: boolean;
  /** Undefined unless `owned`. */
  readonly pid: number | undefined;
  /** Undefined unless `owned`. */
  readonly dir: string | undefined;
  /** Exit of the current process; never settles unless `owned`. */
  readonly exited: Promise<Exit>;
  /** Sends SIGTERM, waits for the exit, removes a temporary folder. Does nothing unless `owned`. */
  stop(): Promise<void>;
  /** Throws unless `owned`. */
  signal(name: NodeJS.Signals): void;
  /** Stops and starts it with the same folder and port. Throws unless `owned`. */
  restart(): Promise<void>;
}

/** Starts a Redis with production's durability and waits until it accepts connections. */
export async function startRedis(options: StartRedisOptions = {}): Promise<RunningRedis> {
  const { own = false, projectRoot = ROOT, log } = options;
  const env = { ...(options.env ?? process.env) };
  if (own) delete env.REDIS_URL;
  const found = await findRedis({ env, projectRoot, ...(log ? { log } : {}) });
  return found.kind === 'url' ? sharedRedis(found.url) : await startOwned(found, options, env);
}

async function startOwned(
  binary: RedisBinary,
  { dir, port, args = [], detached = false }: StartRedisOptions,
  env: NodeJS.ProcessEnv,
): Promise<RunningRedis> {
  if (port !== undefined) await assertPortIsFree(port);
  const usedDir = dir ? resolve(dir) : await mkdtemp(join(tmpdir(), 'sluice-redis-'));
  await mkdir(usedDir, { recursive: true });
  const removeDir = async () => {
    if (!dir) await rm(usedDir, { recursive: true, force: true });
  };
  const startOn = (usedPort: number) =>
    spawnRedis({ binary, port: usedPort, dir: usedDir, args, detached, env });
  try {
    const [usedPort, first] = port === undefined ? await onFreePort(startOn) : [port, await startOn(port)];
    return ownedRedis({ first, start: () => startOn(usedPort), removeDir, port: usedPort, dir: usedDir });
  } catch (error) {
    await removeDir();
    throw error;
  }
}

/** Retries if a concurrent test takes the free port first. */
async function onFreePort(
  startOn: (port: number) => Promise<RedisProcess>,
  triesLeft = 5,
): Promise<[number, RedisProcess]> {
  const port = await freePort();
  try {
    return [port, await startOn(port)];
  } catch (error) {
    if (!(error instanceof PortBusyError) || triesLeft === 0) throw error;
    return onFreePort(startOn, triesLeft - 1);
  }
}

interface Owned {
  readonly first: RedisProcess;
  readonly port: number;
  readonly dir: string;
  start(): Promise<RedisProcess>;
  removeDir(): Promise<void>;
}

function ownedRedis({ first, start, removeDir, port, dir }: Owned): RunningRedis {
  let current = first;
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    owned: true,
    get pid() {
      return current.pid;
    },
    get exited() {
      return current.exited;
    },
    signal: (name) => {
      current.child.kill(name);
    },
    stop: async () => {
      await end(current);
      await removeDir();
    },
    restart: async () => {
      await end(current);
      current = await start();
    },
  };
}

async function end({ child, exited }: RedisProcess): Promise<void> {
  child.kill('SIGTERM');
  // A process stopped by SIGSTOP does not handle SIGTERM.
  child.kill('SIGCONT');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await exited;
  clearTimeout(timer);
}

function sharedRedis(url: string): RunningRedis {
  const refuse = (what: string) =>
    new Error(`Cannot ${what} the Redis at REDIS_URL, which is shared. Start one with { own: true }.`);
  return {
    url,
    port: Number(new URL(url).port || 6379),
    owned: false,
    pid: undefined,
    dir: undefined,
    exited: new Promise(() => {}),
    stop: async () => {},
    signal: (name) => {
      throw refuse(`send ${name} to`);
    },
    restart: async () => {
      throw refuse('restart');
    },
  };
}
