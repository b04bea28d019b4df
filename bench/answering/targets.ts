import { openRedis } from '../open-redis.ts';
import { connectionsOfShops } from '../shops.ts';
import { startServer } from '../start-server.ts';
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
  const server = await startServer('answering/bare-server.ts', []);
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
  const server = await startServer('answering/guide-server.ts', [redis.url]);
  const stop = async () => {
    server.end();
    await redis.stop();
  };
  return { title, ...server, redisPid: redis.pid, reset: redis.empty, stop };
}

async function startSluice(title: string, root: string, dir: string): Promise<Target> {
  const redis = await openRedis([]);
  const connections = connectionsOfShops(1);
  const ingest = await startIngest({ root, redisUrl: redis.url, dir, connections });
  const stop = async () => {
    await ingest.stop();
    await redis.stop();
  };
  return {
    title,
    port: Number(ingest.url.port),
    pid: ingest.pid,
    redisPid: redis.pid,
    reset: redis.empty,
    stop,
  };
}
