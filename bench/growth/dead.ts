import { setTimeout as pause } from 'node:timers/promises';
import { seed as seedDeaths } from '../dead-letters/seed.ts';
import { PREFIX } from '../eager-producer.ts';
import { end } from '../launch.ts';
import { cloneDeliveries } from './clone.ts';
import type { Growing } from './curves.ts';
import type { GrowingRedis } from './growing-redis.ts';
import { launchWorker } from './launch-worker.ts';
import { Meter } from './meter.ts';
import { measureDeliver, measureEnqueue, measureWorker, type Stage, shops } from './phases.ts';

const COUNT = 2_000;
const TEMPLATES = 200;

/** Dead letters of ten groups and five connections. */
export function growingDead(): Growing {
  const sweeps: string[] = [];
  return {
    points: [
      { title: '0 dead', size: 0 },
      { title: '100,000', size: 100_000 },
      { title: '1,000,000', size: 1_000_000 },
    ],
    async seed(stage, place, size) {
      if (size === 0) return;
      await seedDeaths(place.server.url, TEMPLATES);
      await cloneDeliveries(place.redis, { standing: 'dead', count: size - TEMPLATES });
      sweeps.push(await measureSweep(stage, place, size));
    },
    async measure(stage, place, size) {
      // Those that die here are not to add up where there are to be none.
      if (size === 0) await place.redis.flushall();
      const enqueued = await measureEnqueue(stage, place, COUNT);
      const delivered = await measureDeliver(stage, place, COUNT);
      await measureEnqueue(stage, place, COUNT, () => 'gone');
      const died = await measureWorker(stage, place, {
        connections: shops,
        count: COUNT,
        done: () => place.redis.zcard(`${PREFIX}:deliveries:failed`),
      });
      return {
        'Enqueue, by the producer': enqueued,
        'Deliver, by the worker': delivered,
        'Die, of a connection that is gone': died,
      };
    },
    report: async () => [TITLES, '| --- | --- | --- | --- |', ...sweeps].join('\n'),
  };
}

const TITLES =
  '| the sweep over dead letters, once a minute | takes, ms | Redis, CPU ms | keeps others waiting at most, ms |';

/** A worker sweeps over all dead letters when it starts, if none has in the last minute. */
async function measureSweep(stage: Stage, { server, redis }: GrowingRedis, size: number): Promise<string> {
  await redis.config('SET', 'slowlog-log-slower-than', '500');
  await redis.config('SET', 'slowlog-max-len', '10000');
  await redis.slowlog('RESET');
  const worker = await launchWorker(stage, server.url, shops);
  while ((await redis.exists(`${PREFIX}:retention:lease`)) === 0) await pause(2);
  const meter = await Meter.start(redis, worker.pid ?? 0);
  while ((await redis.exists(`${PREFIX}:retention`)) === 0) await pause(2);
  const cost = await meter.read(1);
  await end(worker);
  const slow = (await redis.slowlog('GET', 10_000)) as [number, number, number][];
  const longest = Math.max(0, ...slow.map(([, , micros]) => micros / 1_000));
  return `| ${size.toLocaleString('en')} | ${(1_000 / cost.perSecond).toFixed(0)} | ${(cost.redis / 1_000).toFixed(0)} | ${longest.toFixed(1)} |`;
}
