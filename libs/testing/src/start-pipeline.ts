import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunningApp, type StartAppOptions, startApp } from './start-app.ts';
import { type RunningRedis, startRedis } from './start-redis.ts';
import { type RunningSandbox, startSandbox } from './start-sandbox.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

export interface StartPipelineOptions {
  /** Environment of ingest and worker. */
  readonly env?: Readonly<Record<string, string>>;
  readonly sandboxEnv?: Readonly<Record<string, string>>;
  /** Arguments of redis-server. */
  readonly redisArgs?: readonly string[];
  /** Data folder of Redis. Default: a temporary folder. */
  readonly redisDir?: string;
  /** Which connections of ingest and worker use a proxy. */
  readonly proxied?: 'redis' | 'sandbox';
  /** Number of processes. Default: 1. */
  readonly ingests?: number;
  readonly workers?: number;
  /** Arguments of node for ingest and worker. */
  readonly nodeArgs?: readonly string[];
}

export type PipelineApp = 'ingest' | 'worker';

/** All Sluice processes on free ports, with the demo connections and a separate Redis. */
export interface RunningPipeline {
  readonly redis: RunningRedis;
  readonly sandbox: RunningSandbox;
  /** Defined if `proxied` is set. */
  readonly proxy: TcpProxy | undefined;
  /** Environment of ingest and worker, for commands. */
  readonly env: Readonly<Record<string, string>>;
  /** The running processes, or the last ones in their place. */
  readonly ingests: RunningApp[];
  readonly workers: RunningApp[];
  /** The first of each. */
  readonly ingest: RunningApp;
  readonly worker: RunningApp;
  /** Webhook URL of a connection. */
  webhookUrl(connection?: string): string;
  /** Kills and restarts a process in the same place. */
  restart(name: PipelineApp, place?: number): Promise<void>;
  /** Starts another process, in a new place or that of one that has ended. */
  start(name: PipelineApp, place?: number, options?: StartAppOptions): Promise<RunningApp>;
  stop(): Promise<void>;
}

const DEMO = fileURLToPath(new URL('../../../config/connections.demo.yaml', import.meta.url));

/** Writes the demo connections to a temporary folder, with limits so high that nothing is paced. */
async function writeConnections(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-pipeline-'));
  const path = join(folder, 'connections.yaml');
  const demo = await readFile(DEMO, 'utf8');
  const limits = '    limits: { eventsPerMinute: 1000000 }\n';
  await writeFile(path, demo.replaceAll(/^ {4}botpress:/gm, `${limits}    botpress:`));
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}

export async function startPipeline(options: StartPipelineOptions = {}): Promise<RunningPipeline> {
  const { redisArgs = [], redisDir, proxied, ingests = 1, workers = 1 } = options;
  const redis = await startRedis({ own: true, args: redisArgs, ...(redisDir ? { dir: redisDir } : {}) });
  const connections = await writeConnections();
  const sandbox = await startSandbox(options.sandboxEnv);
  const proxy = proxied && (await startTcpProxy(proxied === 'redis' ? redis.port : portOf(sandbox.url)));
  const env = {
    REDIS_URL: proxied === 'redis' ? `redis://127.0.0.1:${proxy?.port}` : redis.url,
    SLUICE_CONNECTIONS: connections.path,
    BOTPRESS_API_URL: proxied === 'sandbox' ? `http://127.0.0.1:${proxy?.port}` : sandbox.url,
    SLUICE_INGEST_PORT: '0',
    SLUICE_INGEST_METRICS_PORT: '0',
    SLUICE_WORKER_METRICS_PORT: '0',
    ...options.env,
  };
  const start = (name: PipelineApp, more: StartAppOptions = {}) =>
    startApp(name, { nodeArgs: options.nodeArgs ?? [], ...more, env: { ...env, ...more.env } });
  const startSome = (name: PipelineApp, count: number) =>
    Promise.all(Array.from({ length: count }, () => start(name)));
  const [startedIngests, startedWorkers] = await Promise.all([
    startSome('ingest', ingests),
    startSome('worker', workers),
  ]);
  const apps = { ingest: startedIngests, worker: startedWorkers };
  const pipeline: RunningPipeline = {
    redis,
    sandbox,
    proxy,
    env,
    ingests: apps.ingest,
    workers: apps.worker,
    get ingest() {
      return apps.ingest[0] as RunningApp;
    },
    get worker() {
      return apps.worker[0] as RunningApp;
    },
    webhookUrl: (connection = 'demo-shopify') => `${pipeline.ingest.url}/webhooks/${connection}`,
    async restart(name, place = 0) {
      apps[name][place]?.signal('SIGKILL');
      await apps[name][place]?.exited;
      await pipeline.start(name, place);
    },
    async start(name, place = apps[name].length, more = {}) {
      const app = await start(name, more);
      apps[name][place] = app;
      return app;
    },
    async stop() {
      await Promise.all([...apps.ingest, ...apps.worker].map((app) => app.stop()));
      await proxy?.stop();
      await sandbox.stop();
      await connections.remove();
      await redis.stop();
    },
  };
  return pipeline;
}

const portOf = (url: string): number => Number(new URL(url).port);
