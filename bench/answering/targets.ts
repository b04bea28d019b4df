import { openRedis } from '../open-redis.ts';
import { connectionsOfShops } from '../shops.ts';
import { startServer } from '../start-server.ts';
import { type IngestOptions, startIngest } from './ingest.ts';

/** A server that answers webhooks, a separate process, with a separate Redis if it stores them. */
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
/** What the wait for the disk costs, and what a second process brings. */
const SLUICE_EVERYSEC = 'Sluice, fsync everysec';
const SLUICE_TWO = 'Sluice, fsync always, 2 processes';
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
    startSluice(SLUICE, { root, dir }),
    startSluice(SLUICE_EVERYSEC, { root, dir, redisArgs: ['--appendfsync', 'everysec'] }),
    startSluice(SLUICE_TWO, { root, dir, env: { SLUICE_INGEST_PROCESSES: '2' } }),
    ...checkouts.map((checkout) => startSluice(`Sluice in ${checkout}`, { root: checkout, dir })),
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

interface SluiceOptions extends Pick<IngestOptions, 'root' | 'dir' | 'env'> {
  readonly redisArgs?: readonly string[];
}

async function startSluice(title: string, { redisArgs = [], ...options }: SluiceOptions): Promise<Target> {
  const redis = await openRedis(redisArgs);
  const connections = connectionsOfShops(1);
  const ingest = await startIngest({ ...options, redisUrl: redis.url, connections });
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
