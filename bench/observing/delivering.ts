import { startRedis, startSandbox } from '@sluice/testing';
import { Redis } from 'ioredis';
import { type Crew, sluice } from '../delivering/crews.ts';
import { composeOrders } from '../delivering/orders.ts';
import { runTrial } from '../delivering/trial.ts';
import type { Observed } from './answering.ts';
import type { Cost } from './report.ts';

const EVENTS = 6_000;
/** As it comes. */
const CONCURRENCY = 50;

/** The worker in each case, alternately: events a second, and its CPU for each. By the case's title, round by round. */
export async function observeDelivering(options: Observed): Promise<ReadonlyMap<string, readonly Cost[]>> {
  const { cases, rounds, root, dir } = options;
  const [server, sandbox] = await Promise.all([startRedis({ own: true }), startSandbox()]);
  const redis = new Redis(server.url);
  const stage = { redis, redisPid: server.pid ?? 0, sandbox };
  const place = { redisUrl: server.url, apiUrl: sandbox.url, concurrency: CONCURRENCY, processes: 1, dir };
  const orders = composeOrders(EVENTS);
  const costs = new Map<string, Cost[]>(cases.map(({ title }) => [title, []]));
  const crews = cases.map(({ title, env, nodeArgs }) => sluice(title, { root, env, nodeArgs }));
  try {
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < crews.length; turn++) {
        const crew = crews[(turn + round) % crews.length] as Crew;
        const { perSecond, worker } = await runTrial(stage, crew, place, orders);
        costs.get(crew.title)?.push({ perSecond, cpu: worker });
      }
    }
    return costs;
  } finally {
    redis.disconnect();
    await sandbox.stop();
    await server.stop();
  }
}
