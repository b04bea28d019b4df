import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunningCluster, startCluster } from '@sluice/testing';
import { startIngest } from '../answering/ingest.ts';
import type { RunningContestant } from '../end-to-end/contestant.ts';
import { connectionsOfShops } from '../shops.ts';
import { startBuilt } from '../start-built.ts';

export interface OnCluster extends RunningContestant {
  readonly cluster: RunningCluster;
}

export interface OnClusterOptions {
  readonly shards: number;
  /** Shops, each with a separate bot. */
  readonly shops: number;
  /** Of the sandbox. */
  readonly apiUrl: string;
  /** Of a built checkout. */
  readonly root: string;
  /** For configuration and logs. */
  readonly dir: string;
}

/** Starts ingest, worker and a separate cluster of three nodes, as durable as production's. */
export async function startOnCluster(options: OnClusterOptions): Promise<OnCluster> {
  const { shards, shops, apiUrl, root, dir } = options;
  const cluster = await startCluster();
  const connections = connectionsOfShops(shops);
  const file = join(dir, 'shops.json');
  await writeFile(file, JSON.stringify(connections));
  const shared = { REDIS_URL: cluster.url, SLUICE_SHARDS: String(shards) };
  const env = {
    ...shared,
    SLUICE_CONNECTIONS: file,
    BOTPRESS_API_URL: apiUrl,
    SLUICE_WORKER_METRICS_PORT: '0',
  };
  const worker = await startBuilt('worker', { root, env, dir });
  const ingest = await startIngest({ root, redisUrl: cluster.url, dir, connections, env: shared });
  return {
    cluster,
    port: Number(ingest.url.port),
    defers: true,
    processes: { ingest: ingest.pid, worker: worker.pid },
    async stop() {
      await ingest.stop();
      await worker.stop();
      await cluster.stop();
    },
  };
}
