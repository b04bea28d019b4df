import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CONNECTION, SECRET } from './signed-orders.ts';

export interface RunningIngest {
  readonly port: number;
  readonly pid: number;
  end(): void;
}

/** Milliseconds. */
const START_WITHIN = 15_000;

/**
 * Starts ingest as its image does: what was built, with NODE_ENV=production; its log goes to a file.
 *
 * @param root of a built checkout
 * @param dir for its connections and its log
 * @throws an Error if it does not listen within 15 s
 */
export async function startIngest(root: string, redisUrl: string, dir: string): Promise<RunningIngest> {
  const folder = await mkdtemp(join(dir, 'ingest-'));
  const connections = join(folder, 'connections.json');
  await writeFile(connections, JSON.stringify({ connections: [connection] }));
  const log = openSync(join(folder, 'log'), 'w');
  const { PATH = '', HOME = '', SLUICE_BENCH_NODE_ARGS = '' } = process.env;
  const nodeArgs = SLUICE_BENCH_NODE_ARGS.split(' ').filter(Boolean);
  const child = spawn(process.execPath, [...nodeArgs, join(root, 'apps/ingest/dist/main.js')], {
    cwd: root,
    stdio: ['ignore', log, 'inherit'],
    env: {
      ...{ PATH, HOME, NODE_ENV: 'production', REDIS_URL: redisUrl, SLUICE_CONNECTIONS: connections },
      ...{ SLUICE_INGEST_PORT: '0', SLUICE_INGEST_METRICS_PORT: '0' },
    },
  });
  closeSync(log);
  process.once('exit', () => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  for (let waited = 0; waited < START_WITHIN; waited += 50) {
    const url = /"url":"([^"]+)"/.exec(await readFile(join(folder, 'log'), 'utf8'))?.[1];
    if (url) return { port: Number(new URL(url).port), pid: child.pid ?? 0, end: () => void child.kill() };
    await pause(50);
  }
  throw new Error(`ingest of ${root} does not listen: see ${folder}/log`);
}

const connection = {
  id: CONNECTION,
  source: 'shopify',
  secrets: [SECRET],
  settings: { shopName: CONNECTION },
  botpress: { botId: 'bot', integrationId: 'bench', token: 'token' },
};
