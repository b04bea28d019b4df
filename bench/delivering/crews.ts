import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BareOrders } from './bare-worker.ts';
import { enqueueBare, enqueueDeliveries, SHOPS } from './orders.ts';

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

/** A worker as its image starts it: what was built. Its log goes to a file. */
export function sluice(title: string, root = ROOT): Crew {
  return { title, enqueue: enqueueDeliveries, start: (place) => startSluice(place, root) };
}

async function startSluice(place: Place, root: string): Promise<ChildProcess> {
  const connections = join(place.dir, 'connections.json');
  await writeFile(connections, JSON.stringify({ connections: Array.from({ length: SHOPS }, connectionOf) }));
  const { PATH = '', HOME = '', SLUICE_BENCH_NODE_ARGS = '' } = process.env;
  const nodeArgs = SLUICE_BENCH_NODE_ARGS.split(' ').filter(Boolean);
  return launch(place, [...nodeArgs, join(root, 'apps/worker/dist/main.js')], {
    ...{ PATH, HOME, NODE_ENV: 'production', REDIS_URL: place.redisUrl, SLUICE_CONNECTIONS: connections },
    ...{ BOTPRESS_API_URL: place.apiUrl, SLUICE_WORKER_METRICS_PORT: '0' },
    SLUICE_WORKER_CONCURRENCY: String(place.concurrency),
  });
}

/** A worker of a few lines, with nothing of ours. */
export function bare(title: string, call: BareOrders['call']): Crew {
  return {
    title,
    enqueue: enqueueBare,
    start(place) {
      const { redisUrl, apiUrl, concurrency } = place;
      const orders = JSON.stringify({ call, redisUrl, apiUrl, concurrency } satisfies BareOrders);
      const { PATH = '', HOME = '' } = process.env;
      const args = ['--conditions=@sluice/source', '--import', 'tsx', BARE, orders];
      return launch(place, args, { PATH, HOME, NODE_ENV: 'production' });
    },
  };
}

async function launch(
  { dir }: Place,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const log = openSync(join(dir, 'log'), 'a');
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', log, 'inherit'], env });
  closeSync(log);
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  await once(child, 'spawn');
  return child;
}

/** With a limit so high that nothing is paced. */
function connectionOf(_: unknown, index: number): object {
  return {
    ...{ id: `shop-${index}`, source: 'shopify', secrets: ['secret'] },
    settings: { shopName: `shop-${index}` },
    botpress: { botId: `bot-${index}`, integrationId: 'bench', token: 'token' },
    limits: { eventsPerMinute: 1_000_000 },
  };
}
