import type { ChildProcess } from 'node:child_process';
import { createSourceRegistry } from '@sluice/events';
import { createDeliveryBackend } from '@sluice/queue/testing';
import { Queue } from 'bullmq';
import { startIngest } from '../answering/ingest.ts';
import { PREFIX } from '../eager-producer.ts';
import { end } from '../launch.ts';
import { residentOf } from '../memory-now.ts';
import { type Post, postAll } from '../post-all.ts';
import { SECRET, shop, shopName } from '../shops.ts';
import type { BuiltApp } from '../start-built.ts';
import type { Growing } from './curves.ts';
import { launchWorker, ROOT } from './launch-worker.ts';
import { Meter } from './meter.ts';
import type { Stage } from './phases.ts';

const COUNT = 2_000;
const CONCURRENCY = 32;
/** What is under way when the last is counted would be missed. */
const UNTIL = 0.97;

/** Both apps of a point, which run as long as it does: what a connection costs once is behind them. */
interface Crew {
  readonly size: number;
  readonly ingest: BuiltApp;
  readonly worker: ChildProcess;
  readonly queue: Queue;
  /** Seconds until ingest listened. */
  readonly startedIn: number;
}

/** Connections with a bot each; each webhook is of another. */
export function growingConnections(): Growing {
  const crews: Crew[] = [];
  return {
    points: [10, 1_000, 5_000].map((size) => ({ title: `${size.toLocaleString('en')} connections`, size })),
    async seed(stage, { server }, size) {
      const crew = await startCrew(stage, server.url, size);
      crews.push(crew);
      // The first of each connection, and enough of all for the processes to have compiled their code.
      const posts = compose(crew, Math.max(size, COUNT));
      await stage.sandbox.reset();
      await postAll(posts, CONCURRENCY);
      await stage.sandbox.waitFor({ distinct: posts.length });
    },
    async measure(stage, { redis }, size) {
      const crew = crews.find((one) => one.size === size);
      if (!crew) throw new Error(`nothing runs with ${size} connections`);
      const { queue, ingest, worker } = crew;
      await queue.pause();
      const posts = compose(crew, COUNT);
      await stage.sandbox.reset();
      const answering = await Meter.start(redis, ingest.pid);
      await postAll(posts, CONCURRENCY);
      const answered = await answering.read(COUNT);
      const delivering = await Meter.start(redis, worker.pid ?? 0);
      await queue.resume();
      await stage.sandbox.waitFor({ distinct: COUNT * UNTIL });
      const delivered = await delivering.read((await stage.sandbox.ledger()).distinct);
      await stage.sandbox.waitFor({ distinct: COUNT });
      return { 'Answer and enqueue, by ingest': answered, 'Deliver, by the worker': delivered };
    },
    async report() {
      const rows = crews.map(async ({ size, ingest, worker, startedIn }) => {
        const [edge, back] = [await residentOf(ingest.pid), await residentOf(worker.pid ?? 0)];
        return `| ${size} | ${startedIn.toFixed(1)} | ${edge.toFixed(0)} | ${back.toFixed(0)} |`;
      });
      const titles = '| connections | ingest listens after, s | it holds, MiB | the worker holds, MiB |';
      return [titles, '| --- | --- | --- | --- |', ...(await Promise.all(rows))].join('\n');
    },
    async stop() {
      for (const { ingest, worker, queue } of crews) {
        await Promise.all([ingest.stop(), end(worker), queue.close()]);
      }
    },
  };
}

async function startCrew(stage: Stage, redisUrl: string, size: number): Promise<Crew> {
  const connections = Array.from({ length: size }, (_, index) => shop(index));
  const begun = performance.now();
  const ingest = await startIngest({ root: ROOT, redisUrl, dir: stage.dir, connections: { connections } });
  const startedIn = (performance.now() - begun) / 1_000;
  const worker = await launchWorker(stage, redisUrl, connections);
  const options = { connection: { url: redisUrl }, prefix: PREFIX };
  return { size, ingest, worker, startedIn, queue: new Queue('deliveries', options, createDeliveryBackend) };
}

/** Offset; no connection occurs twice. */
let composed = 0;

function compose({ ingest: { url }, size }: Crew, count: number): Post[] {
  const samples = createSourceRegistry().get('shopify')?.samples;
  if (!samples) throw new Error('there are no samples of Shopify');
  const now = Date.now();
  return Array.from({ length: count }, () => {
    const number = composed++;
    const name = shopName(number % size);
    const order = samples.compose('orders/create', { number, now, settings: { shopName: name } });
    return { ...samples.sign(order, SECRET), url: new URL(`/webhooks/${name}`, url).href };
  });
}
