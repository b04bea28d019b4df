import { fileURLToPath } from 'node:url';
import { type RunningApp, startApp } from './start-app.ts';
import { type RunningRedis, startRedis } from './start-redis.ts';
import { type RunningSandbox, startSandbox } from './start-sandbox.ts';

export interface StartPipelineOptions {
  /** For ingest and worker. */
  readonly env?: Readonly<Record<string, string>>;
  readonly sandboxEnv?: Readonly<Record<string, string>>;
  /** For redis-server. */
  readonly redisArgs?: readonly string[];
}

/** The whole of Sluice as processes, on free ports, with the demo's connections and a Redis of its own. */
export interface RunningPipeline {
  readonly redis: RunningRedis;
  readonly sandbox: RunningSandbox;
  ingest: RunningApp;
  worker: RunningApp;
  /** Address of a connection. */
  webhookUrl(connection?: string): string;
  /** Kills what still runs of it and starts it anew. */
  restart(name: 'ingest' | 'worker'): Promise<void>;
  stop(): Promise<void>;
}

const CONNECTIONS = fileURLToPath(new URL('../../../config/connections.demo.yaml', import.meta.url));

export async function startPipeline(options: StartPipelineOptions = {}): Promise<RunningPipeline> {
  const redis = await startRedis({ own: true, args: options.redisArgs ?? [] });
  const sandbox = await startSandbox(options.sandboxEnv);
  const env = {
    REDIS_URL: redis.url,
    SLUICE_CONNECTIONS: CONNECTIONS,
    BOTPRESS_API_URL: sandbox.url,
    SLUICE_INGEST_PORT: '0',
    SLUICE_INGEST_METRICS_PORT: '0',
    SLUICE_WORKER_METRICS_PORT: '0',
    ...options.env,
  };
  const start = (name: 'ingest' | 'worker') => startApp(name, { env });
  const [ingest, worker] = await Promise.all([start('ingest'), start('worker')]);
  const pipeline: RunningPipeline = {
    redis,
    sandbox,
    ingest,
    worker,
    webhookUrl(connection = 'demo-shopify') {
      return `${pipeline.ingest.url}/webhooks/${connection}`;
    },
    async restart(name) {
      pipeline[name].signal('SIGKILL');
      await pipeline[name].exited;
      pipeline[name] = await start(name);
    },
    async stop() {
      await Promise.all([pipeline.ingest.stop(), pipeline.worker.stop()]);
      await sandbox.stop();
      await redis.stop();
    },
  };
  return pipeline;
}
