import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../launch.ts';
import { connectionsOfShops } from '../shops.ts';
import { launchBuilt } from '../start-built.ts';
import type { BareOrders } from './bare-worker.ts';
import { enqueueBare, enqueueDeliveries } from './orders.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BARE = fileURLToPath(new URL('./bare-worker.ts', import.meta.url));

/** Where a crew works, and how. */
export interface Place {
  readonly redisUrl: string;
  readonly apiUrl: string;
  readonly concurrency: number;
  readonly processes: number;
  /** For configuration and logs. */
  readonly dir: string;
}

/** Who delivers: how its orders come to wait, and how one of its processes starts. */
export interface Crew {
  readonly title: string;
  enqueue(redisUrl: string, orders: readonly string[]): Promise<void>;
  start(place: Place): Promise<ChildProcess>;
}

export interface SluiceOptions {
  /** Of a built checkout; this one by default. */
  readonly root?: string;
  /** Besides what it needs. */
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
}

/** A worker as its image starts it: what was built. Its log goes to a file. */
export function sluice(title: string, options: SluiceOptions = {}): Crew {
  return { title, enqueue: enqueueDeliveries, start: (place) => startSluice(place, options) };
}

async function startSluice(
  place: Place,
  { root = ROOT, nodeArgs = [], ...more }: SluiceOptions,
): Promise<ChildProcess> {
  const connections = join(place.dir, 'connections.json');
  await writeFile(connections, JSON.stringify(connectionsOfShops()));
  const env = {
    ...{ REDIS_URL: place.redisUrl, SLUICE_CONNECTIONS: connections, BOTPRESS_API_URL: place.apiUrl },
    ...{ SLUICE_WORKER_METRICS_PORT: '0', SLUICE_WORKER_CONCURRENCY: String(place.concurrency) },
    ...more.env,
  };
  return launchBuilt('worker', { root, env, nodeArgs }, join(place.dir, 'log'));
}

/** A worker of a few lines, with nothing of ours. */
export function bare(title: string, call: BareOrders['call']): Crew {
  return {
    title,
    enqueue: enqueueBare,
    start(place) {
      const { redisUrl, apiUrl, concurrency } = place;
      const orders = JSON.stringify({ call, redisUrl, apiUrl, concurrency } satisfies BareOrders);
      const args = ['--conditions=@sluice/source', '--import', 'tsx', BARE, orders];
      return launch(args, { cwd: ROOT, log: join(place.dir, 'log'), env: { NODE_ENV: 'production' } });
    },
  };
}
