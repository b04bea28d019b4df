import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { RedisBinary } from './find-redis.ts';
import { killAtExit } from './kill-at-exit.ts';
import { PortBusyError } from './ports.ts';

/** An append-only file of 1 GB loads in about 10 s on the slowest tested disk. */
const READY_WITHIN_MS = 60_000;
const TAIL_LINES = 15;

/** As in production. With everysec, a power cut lost up to 3,395 acknowledged deliveries. */
const DURABLE = [
  ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
  ...['--maxmemory-policy', 'noeviction'],
  ...['--bind', '127.0.0.1', '--protected-mode', 'yes', '--daemonize', 'no'],
];

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RedisProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exited: Promise<Exit>;
}

export interface RedisProcessOptions {
  readonly binary: RedisBinary;
  readonly port: number;
  readonly dir: string;
  readonly args: readonly string[];
  readonly detached: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/** Starts Redis and waits until it accepts connections. Throws an Error with its output if it exits before. */
export async function spawnRedis(options: RedisProcessOptions): Promise<RedisProcess> {
  const { binary, port, dir, args, detached, env } = options;
  const child = spawn(binary.path, ['--port', String(port), '--dir', dir, ...DURABLE, ...args], {
    cwd: dir,
    detached,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: binary.libraryPath ? { ...env, LD_LIBRARY_PATH: binary.libraryPath } : env,
  });
  // Rejects if the process cannot be spawned.
  await once(child, 'spawn');
  killAtExit(child);
  const exited = new Promise<Exit>((resolve) => {
    // 'close' instead of 'exit': its output has been read by then.
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  await waitUntilReady(child, exited, port);
  return { child, pid: child.pid as number, exited };
}

async function waitUntilReady(child: ChildProcess, exited: Promise<Exit>, port: number): Promise<void> {
  const tail: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const ready = new Promise<true>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        tail.push(line);
        if (tail.length > TAIL_LINES) tail.shift();
        if (/ready to accept connections/i.test(line)) resolve(true);
      });
    }
  });
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), READY_WITHIN_MS);
  });
  const outcome = await Promise.race([ready, exited, limit]);
  clearTimeout(timer);
  if (outcome === true) return;
  child.kill('SIGKILL');
  throw toStartError(port, outcome, tail.join('\n'));
}

function toStartError(port: number, exit: Exit | undefined, tail: string): Error {
  if (/address already in use/i.test(tail)) {
    return new PortBusyError(port);
  }
  const how = exit
    ? `exited with ${exit.signal ?? exit.code}`
    : `was not ready after ${READY_WITHIN_MS / 1000} s`;
  return new Error(`Redis on port ${port} ${how}. Its last output:\n${tail}`);
}
