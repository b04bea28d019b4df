import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, startSandbox } from '@sluice/testing';
import { startIngest } from '../answering/ingest.ts';
import { Load } from '../answering/load.ts';
import { openRedis } from '../open-redis.ts';
import { startProcessClock } from '../process-clock.ts';
import { connectionsOfShops, SHOPS } from '../shops.ts';
import { startBuilt } from '../start-built.ts';
import { table } from '../table.ts';
import { readMetrics } from './read-metrics.ts';

/** Of webhooks that become events first, so that the metrics have values. */
const ORDERS = 2_000;
/** How often each is asked, and the milliseconds between: no value is cached that long. */
const TIMES = 40;
const EVERY = 500;
/** Milliseconds, Prometheus'. */
const USUALLY = 15_000;

/** Cost of a scrape of ingest and worker, as a table: CPU beyond that of the same time unasked. */
export async function measureAsking(root: string, parent: string): Promise<string> {
  const [dir, metricsPort] = [await mkdtemp(join(parent, 'asking-')), await freePort()];
  const [redis, sandbox] = await Promise.all([openRedis([]), startSandbox()]);
  const connections = join(dir, 'connections.json');
  await writeFile(connections, JSON.stringify(connectionsOfShops()));
  const ingest = await startIngest({
    ...{ root, dir, redisUrl: redis.url, connections: connectionsOfShops() },
    env: { SLUICE_INGEST_METRICS_PORT: String(metricsPort) },
  });
  const env = { REDIS_URL: redis.url, SLUICE_CONNECTIONS: connections, BOTPRESS_API_URL: sandbox.url };
  const worker = await startBuilt('worker', { root, dir, env: { ...env, SLUICE_WORKER_METRICS_PORT: '0' } });
  const load = await Load.start({ kilobytes: 8, count: ORDERS, shops: SHOPS });
  try {
    await load.run(
      { port: Number(ingest.url.port), connections: 64, warmMs: 0, ms: 60_000, repeats: false },
      [],
    );
    await sandbox.waitFor({ distinct: ORDERS });
    const apps = [
      { name: 'ingest', url: `http://127.0.0.1:${metricsPort}`, pid: ingest.pid },
      { name: 'worker', url: worker.url.origin, pid: worker.pid },
    ];
    return askingTable(await measure(apps));
  } finally {
    load.stop();
    await Promise.all([ingest.stop(), worker.stop()]);
    await sandbox.stop();
    await redis.stop();
  }
}

interface App {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
}

interface Asked {
  readonly name: string;
  /** Milliseconds of CPU an answer. */
  readonly cpu: number;
  readonly bytes: number;
}

async function measure(apps: readonly App[]): Promise<Asked[]> {
  const ask = () => Promise.all(apps.map(({ url }) => readMetrics(url)));
  // Code is compiled by the first.
  for (let time = 0; time < TIMES; time++) await ask();
  const secondsOf = async (what: () => Promise<unknown>) => {
    const clocks = apps.map(({ pid }) => startProcessClock(pid));
    for (let time = 0; time < TIMES; time++) await Promise.all([what(), pause(EVERY)]);
    return clocks.map((seconds) => seconds());
  };
  const idle = await secondsOf(async () => {});
  const asked = await secondsOf(ask);
  const answers = await ask();
  return apps.map(({ name }, index) => {
    const cpu = (1_000 * ((asked[index] ?? 0) - (idle[index] ?? 0))) / TIMES;
    return { name, cpu, bytes: Buffer.byteLength(answers[index] ?? '') };
  });
}

function askingTable(asked: readonly Asked[]): string {
  const rows = asked.map(({ name, cpu, bytes }) => [
    ...[name, cpu.toFixed(1), (bytes / 1_000).toFixed(0)],
    `${((100 * cpu) / USUALLY).toFixed(2)} %`,
  ]);
  return table(['', 'CPU, ms', 'size, kB', 'of a core, asked every 15 s'], rows);
}
