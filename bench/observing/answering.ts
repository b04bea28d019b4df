import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '@sluice/testing';
import { Load } from '../answering/load.ts';
import { end } from '../launch.ts';
import { type OpenRedis, openRedis } from '../open-redis.ts';
import { connectionsOfShops } from '../shops.ts';
import { launchBuilt } from '../start-built.ts';
import type { Case } from './cases.ts';
import { readMetrics, sumOf } from './read-metrics.ts';
import type { Cost } from './report.ts';

export interface Observed {
  readonly root: string;
  /** For configuration and logs. */
  readonly dir: string;
  readonly cases: readonly Case[];
  readonly rounds: number;
}

const KILOBYTES = 8;
const ORDERS = { connections: 64, warmMs: 500, ms: 2_000, repeats: false };
/** Milliseconds. */
const START_WITHIN = 15_000;

/** Ingest in each case, alternately: requests a second, and its CPU for each. By the case's title, round by round. */
export async function observeAnswering(options: Observed): Promise<ReadonlyMap<string, readonly Cost[]>> {
  const { cases, rounds } = options;
  const load = await Load.start({ kilobytes: KILOBYTES });
  const targets: Target[] = [];
  try {
    for (const one of cases) targets.push(await startTarget(one, options));
    const costs = new Map<string, Cost[]>(cases.map(({ title }) => [title, []]));
    // The first round compiles, and is not kept.
    for (let round = 0; round <= rounds; round++) {
      for (let turn = 0; turn < targets.length; turn++) {
        const target = targets[(turn + round) % targets.length] as Target;
        const cost = await measure(load, target);
        if (round > 0) costs.get(target.one.title)?.push(cost);
      }
    }
    for (const target of targets) await assertCounts(target);
    return costs;
  } finally {
    load.stop();
    for (const target of targets) await target.stop();
  }
}

interface Target {
  readonly one: Case;
  readonly port: number;
  readonly pid: number;
  /** Of its metrics server. */
  readonly metricsUrl: string;
  readonly redis: OpenRedis;
  stop(): Promise<void>;
}

async function measure(load: Load, { port, pid, redis }: Target): Promise<Cost> {
  await redis.empty();
  const { answered, ms, cpus } = await load.run({ port, ...ORDERS }, [pid]);
  return { perSecond: (1_000 * answered) / ms, cpu: (1e6 * (cpus[0] ?? 0)) / answered };
}

/** Ingest with logging off; its ports are passed in. */
async function startTarget(one: Case, { root, dir }: Observed): Promise<Target> {
  const [redis, port, metricsPort] = [await openRedis([]), await freePort(), await freePort()];
  const connections = join(dir, 'one-shop.json');
  await writeFile(connections, JSON.stringify(connectionsOfShops(1)));
  const env = {
    ...{ REDIS_URL: redis.url, SLUICE_CONNECTIONS: connections, SLUICE_INGEST_PORT: String(port) },
    ...{ SLUICE_INGEST_METRICS_PORT: String(metricsPort), ...one.env },
  };
  const ingest = await launchBuilt('ingest', { root, env, nodeArgs: one.nodeArgs }, join(dir, 'ingest.log'));
  const metricsUrl = `http://127.0.0.1:${metricsPort}`;
  await untilStarted(metricsUrl);
  const stop = async () => {
    await end(ingest);
    await redis.stop();
  };
  return { one, port, pid: ingest.pid ?? 0, metricsUrl, redis, stop };
}

async function untilStarted(url: string): Promise<void> {
  for (let waited = 0; waited < START_WITHIN; waited += 50) {
    const answer = await fetch(`${url}/startedz`).catch(() => undefined);
    if (answer?.ok) return;
    await pause(50);
  }
  throw new Error(`ingest of ${url} has not started`);
}

/** That a case is what it says. */
async function assertCounts({ one, metricsUrl }: Target): Promise<void> {
  const counted = sumOf(await readMetrics(metricsUrl), 'sluice_webhooks_total');
  if (counted > 0 !== one.counts) throw new Error(`"${one.title}" has counted ${counted} webhooks`);
}
