import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BareOrders } from '../delivering/bare-worker.ts';
import { end, launch } from '../launch.ts';
import { openRedis } from '../open-redis.ts';
import { startServer } from '../start-server.ts';
import type { Contestant } from './contestant.ts';

const WORKER = fileURLToPath(new URL('../delivering/bare-worker.ts', import.meta.url));

/** Express, `queue.add`, and a worker that calls the client as it comes: what one would write by the guides. */
export const bullmqGuide: Contestant = {
  title: 'Express + queue.add, worker + client, fsync always',
  async start({ apiUrl, concurrency, dir, root }) {
    const redis = await openRedis([]);
    const server = await startServer('answering/guide-server.ts', [redis.url]);
    const orders: BareOrders = { call: 'client', redisUrl: redis.url, apiUrl, concurrency };
    const args = ['--conditions=@sluice/source', '--import', 'tsx', WORKER, JSON.stringify(orders)];
    const worker = await launch(args, {
      ...{ cwd: root, log: join(dir, 'guide-worker.log'), env: { NODE_ENV: 'production' } },
    });
    return {
      port: server.port,
      defers: true,
      processes: { server: server.pid, worker: worker.pid ?? 0, Redis: redis.pid },
      redis: redis.redis,
      async stop() {
        server.end();
        await end(worker);
        await redis.stop();
      },
    };
  },
};
