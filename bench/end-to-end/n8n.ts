import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '@sluice/testing';
import { end, launch } from '../launch.ts';
import { openRedis } from '../open-redis.ts';
import { shopName } from '../shops.ts';
import type { Contestant, Place, RunningContestant } from './contestant.ts';
import { install } from './install.ts';
import { n8nWorkflow, WORKFLOW_ID } from './n8n-workflow.ts';
import { type RunningPostgres, startPostgres } from './postgres.ts';

/** Needs Node 24: run with `--node 24`. Its worker has the concurrency that it comes with, 10. */
const VERSION = '2.40.7';
/** Some tens of events a second. */
const FEWER = 10;
/** Milliseconds. */
const START_WITHIN = 120_000;

export const n8nRegular: Contestant = {
  title: `n8n ${VERSION}, regular mode`,
  fewer: FEWER,
  start: (place) => startN8n(place, 'regular'),
};

export const n8nQueue: Contestant = {
  title: `n8n ${VERSION}, queue mode`,
  fewer: FEWER,
  start: (place) => startN8n(place, 'queue'),
};

async function startN8n(place: Place, mode: 'regular' | 'queue'): Promise<RunningContestant> {
  const run = await prepare(place);
  const { database } = run;
  if (mode === 'regular') {
    const main = await run.start('start', {});
    await untilAnswering(run.port);
    const processes = { server: main.pid ?? 0, database: database.pid };
    const stop = async () => {
      await end(main);
      await database.stop();
    };
    return { port: run.port, defers: true, processes, stop };
  }
  const redis = await openRedis([]);
  const queue = {
    ...{ EXECUTIONS_MODE: 'queue', QUEUE_BULL_REDIS_HOST: '127.0.0.1' },
    QUEUE_BULL_REDIS_PORT: new URL(redis.url).port,
  };
  const main = await run.start('start', queue);
  await untilAnswering(run.port);
  const worker = await run.start('worker', queue);
  return {
    ...{ port: run.port, defers: true, redis: redis.redis },
    processes: {
      ...{ server: main.pid ?? 0, worker: worker.pid ?? 0 },
      ...{ Redis: redis.pid, database: database.pid },
    },
    async stop() {
      await Promise.all([end(main), end(worker)]);
      await redis.stop();
      await database.stop();
    },
  };
}

interface Prepared {
  readonly port: number;
  readonly database: RunningPostgres;
  start(
    command: string,
    env: Readonly<Record<string, string>>,
    args?: readonly string[],
  ): ReturnType<typeof launch>;
}

/** Its database, with the workflow in it, active. */
async function prepare({ apiUrl, dir }: Place): Promise<Prepared> {
  const program = join(await install('n8n', VERSION), 'bin/n8n');
  const [database, port] = [await startPostgres(), await freePort()];
  const file = join(dir, 'workflow.json');
  await writeFile(file, JSON.stringify([n8nWorkflow(apiUrl)]));
  const env = settings(dir, port, database);
  const start: Prepared['start'] = async (command, more, args = []) =>
    launch([program, command, ...args], {
      ...{ cwd: dir, log: join(dir, 'n8n.log') },
      // Each process has a port for its task runner.
      env: { ...env, N8N_RUNNERS_BROKER_PORT: String(await freePort()), ...more },
    });
  for (const [command, ...args] of [
    ['import:workflow', `--input=${file}`],
    ['publish:workflow', `--id=${WORKFLOW_ID}`],
  ] as const) {
    const [code] = await once(await start(command, {}, args), 'exit');
    if (code !== 0) throw new Error(`n8n ${command} ended with ${code}: see ${dir}/n8n.log`);
  }
  return { port, database, start };
}

/** As its documentation advises for throughput: Postgres, and executions that went well are not kept. */
function settings(dir: string, port: number, database: RunningPostgres): Record<string, string> {
  return {
    ...{ NODE_ENV: 'production', N8N_USER_FOLDER: dir, N8N_ENCRYPTION_KEY: 'bench' },
    ...{ N8N_LISTEN_ADDRESS: '127.0.0.1', N8N_PORT: String(port), N8N_ENDPOINT_WEBHOOK: 'webhooks' },
    ...{ DB_TYPE: 'postgresdb', DB_POSTGRESDB_HOST: '127.0.0.1', DB_POSTGRESDB_PASSWORD: 'none' },
    ...{ DB_POSTGRESDB_PORT: String(database.port), DB_POSTGRESDB_USER: database.user },
    ...{ DB_POSTGRESDB_DATABASE: database.database, EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'none' },
    ...{ N8N_DIAGNOSTICS_ENABLED: 'false', N8N_VERSION_NOTIFICATIONS_ENABLED: 'false' },
    ...{ N8N_TEMPLATES_ENABLED: 'false', N8N_PERSONALIZATION_ENABLED: 'false', N8N_LOG_LEVEL: 'warn' },
  };
}

/** The answer to its first webhook, which makes no event that counts. */
async function untilAnswering(port: number): Promise<void> {
  for (let waited = 0; waited < START_WITHIN; waited += 250) {
    const url = `http://127.0.0.1:${port}/webhooks/${shopName(0)}`;
    const answer = await fetch(url, { method: 'POST' }).catch(() => undefined);
    if (answer?.ok) return;
    await pause(250);
  }
  throw new Error('n8n does not answer');
}
