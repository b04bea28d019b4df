import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type RunningRedis, startRedis } from '@sluice/testing';
import { Redis } from 'ioredis';
import { startIngest } from './ingest.ts';

/** A server that answers webhooks, a process of its own, with a Redis of its own if it stores them. */
export interface Target {
  readonly title: string;
  readonly port: number;
  readonly pid: number;
  readonly redisPid: number | undefined;
  /** Forgets what was stored. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export const BARE = 'node:http + HMAC, stores nothing';
export const SLUICE = 'Sluice, everything on, fsync always';
export const GUIDE = 'Express + queue.add, fsync everysec';
export const GUIDE_ALWAYS = 'Express + queue.add, fsync always';

/**
 * @param root of the checkout of Sluice that is measured, built
 * @param checkouts others whose ingest is measured as well
 * @param dir for what they write
 */
export async function startTargets(
  root: string,
  checkouts: readonly string[],
  dir: string,
): Promise<Target[]> {
  return Promise.all([
    startBare(),
    startSluice(SLUICE, root, dir),
    ...checkouts.map((checkout) => startSluice(`Sluice in ${checkout}`, checkout, dir)),
    startGuide(GUIDE, 'everysec'),
    startGuide(GUIDE_ALWAYS, 'always'),
  ]);
}

async function startBare(): Promise<Target> {
  const server = await startServer('bare-server.ts', []);
  return {
    title: BARE,
    ...server,
    redisPid: undefined,
    reset: async () => {},
    stop: async () => server.end(),
  };
}

async function startGuide(title: string, appendfsync: 'always' | 'everysec'): Promise<Target> {
  const redis = await openRedis(['--appendfsync', appendfsync]);
  const server = await startServer('guide-server.ts', [redis.url]);
  const stop = async () => {
    server.end();
    await redis.stop();
  };
  return { title, ...server, redisPid: redis.pid, reset: redis.empty, stop };
}

async function startSluice(title: string, root: string, dir: string): Promise<Target> {
  const redis = await openRedis([]);
  const ingest = await startIngest(root, redis.url, dir);
  const stop = async () => {
    ingest.end();
    await redis.stop();
  };
  return { title, ...ingest, redisPid: redis.pid, reset: redis.empty, stop };
}

async function startServer(
  program: string,
  args: readonly string[],
): Promise<{ port: number; pid: number; end(): void }> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = fork(path, args, {
    execArgv: ['--conditions=@sluice/source', '--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  process.once('exit', () => void child.kill('SIGKILL'));
  const [port] = await once(child, 'message');
  return { port: Number(port), pid: child.pid ?? 0, end: () => void child.kill('SIGKILL') };
}

interface OpenRedis extends Pick<RunningRedis, 'url' | 'pid' | 'stop'> {
  empty(): Promise<void>;
}

/** As durable as production's, unless said; the rewriting of its file would fall into some rounds only. */
async function openRedis(args: readonly string[]): Promise<OpenRedis> {
  const server = await startRedis({ own: true, args: ['--auto-aof-rewrite-percentage', '0', ...args] });
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  const isRewriting = async () =>
    /aof_rewrite_(in_progress|scheduled):1/.test(await redis.info('persistence'));
  return {
    url: server.url,
    pid: server.pid,
    async empty() {
      await redis.flushall();
      // Else the file of all rounds grows to gigabytes.
      await redis.bgrewriteaof();
      while (await isRewriting());
    },
    async stop() {
      redis.disconnect();
      await server.stop();
    },
  };
}
