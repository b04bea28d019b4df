import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startIngest } from '../answering/ingest.ts';
import { openRedis } from '../open-redis.ts';
import { connectionsOfShops } from '../shops.ts';
import { startBuilt } from '../start-built.ts';
import type { Contestant } from './contestant.ts';

/** Ingest and worker as their images start them, one process of each, and a Redis that syncs each write. */
export const sluice: Contestant = {
  title: 'Sluice',
  async start({ root, dir, apiUrl, concurrency }) {
    const redis = await openRedis([]);
    const connections = connectionsOfShops();
    const file = join(dir, 'shops.json');
    await writeFile(file, JSON.stringify(connections));
    const env = {
      ...{ REDIS_URL: redis.url, SLUICE_CONNECTIONS: file, BOTPRESS_API_URL: apiUrl },
      ...{ SLUICE_WORKER_METRICS_PORT: '0', SLUICE_WORKER_CONCURRENCY: String(concurrency) },
    };
    const worker = await startBuilt('worker', { root, env, dir });
    const ingest = await startIngest({ root, redisUrl: redis.url, dir, connections });
    return {
      port: Number(ingest.url.port),
      defers: true,
      processes: { server: ingest.pid, worker: worker.pid, Redis: redis.pid },
      redis: redis.redis,
      async stop() {
        await ingest.stop();
        await worker.stop();
        await redis.stop();
      },
    };
  },
};
