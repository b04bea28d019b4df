import { type RunningRedis, startRedis } from '@sluice/testing';
import { Redis } from 'ioredis';

export interface OpenRedis extends Pick<RunningRedis, 'url' | 'stop'> {
  readonly pid: number;
  readonly redis: Redis;
  empty(): Promise<void>;
}

/** As durable as production's, unless said; the rewriting of its file would fall into some rounds only. */
export async function openRedis(args: readonly string[]): Promise<OpenRedis> {
  const server = await startRedis({ own: true, args: ['--auto-aof-rewrite-percentage', '0', ...args] });
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  const isRewriting = async () =>
    /aof_rewrite_(in_progress|scheduled):1/.test(await redis.info('persistence'));
  return {
    url: server.url,
    pid: server.pid ?? 0,
    redis,
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
