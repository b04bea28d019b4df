import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { end, launch } from '../launch.ts';
import { startServer } from '../start-server.ts';
import type { Contestant } from './contestant.ts';
import { install } from './install.ts';
import { startPostgres } from './postgres.ts';

const VERSION = '12.38.0';
const WORKER = fileURLToPath(new URL('./pg-boss-worker.ts', import.meta.url));

/** Express, a queue in Postgres as it comes, and a worker that calls the client as it comes. */
export const pgBoss: Contestant = {
  title: `Express + pg-boss ${VERSION}, worker + client`,
  async start({ apiUrl, concurrency, dir, root }) {
    const folder = await install('pg-boss', VERSION);
    const database = await startPostgres();
    const url = `postgres://${database.user}@127.0.0.1:${database.port}/${database.database}`;
    const server = await startServer('end-to-end/pg-boss-server.ts', [folder, url]);
    const args = ['--conditions=@sluice/source', '--import', 'tsx', WORKER, folder, url];
    const worker = await launch([...args, apiUrl, String(concurrency)], {
      ...{ cwd: root, log: join(dir, 'pg-boss-worker.log'), env: { NODE_ENV: 'production' } },
    });
    return {
      ...{ port: server.port, defers: true },
      processes: { server: server.pid, worker: worker.pid ?? 0, database: database.pid },
      async stop() {
        server.end();
        await end(worker);
        await database.stop();
      },
    };
  },
};
