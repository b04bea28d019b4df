import { resolve } from 'node:path';
import {
  type AppName,
  PortBusyError,
  type RunningApp,
  type RunningRedis,
  startApp,
  startRedis,
} from '@sluice/testing';

export interface PipelineOptions {
  readonly projectRoot: string;
  /** Handed to every app; REDIS_URL and BOTPRESS_API_URL in it are used instead of the demo's own. */
  readonly env: Readonly<Record<string, string>>;
  readonly connectionsPath: string;
  /** Where Redis and sandbox keep their data. */
  readonly dataFolder: string;
  /** Of the demo's own Redis. */
  readonly redisPort: number;
  readonly log: (line: string) => void;
}

export interface Pipeline {
  readonly redis: RunningRedis;
  readonly sandbox: RunningApp;
  readonly ingest: RunningApp;
  readonly worker: RunningApp;
  readonly console: RunningApp;
  /** Resolves with the name of the first part that ends by itself. */
  readonly broken: Promise<string>;
  /** Stops all of it, in the order in which deliveries flow, each drained before the next. */
  stop(): Promise<void>;
}

interface Part {
  readonly name: string;
  readonly exited: Promise<unknown>;
  stop(): Promise<unknown>;
}

/**
 * Starts Redis, sandbox, ingest, worker and console, each a process of its own, out of reach of the terminal's Ctrl-C:
 * that one is for the demo, which then stops them in order.
 *
 * @throws an Error for people if a part cannot start; what had started is stopped again
 */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const started: Part[] = [];
  const keep = <T extends Omit<Part, 'name'>>(name: string, part: T): T => {
    started.push({ name, exited: part.exited, stop: () => part.stop() });
    return part;
  };
  const stop = async () => {
    for (const part of started.toReversed()) await part.stop();
  };
  try {
    const redis = keep('redis', await startOwnRedis(options));
    const start = async (name: AppName, env: Record<string, string>) =>
      keep(name, await startApp(name, { detached: true, env: { ...options.env, ...env } }));
    const sandbox = await start('sandbox', { SLUICE_SANDBOX_DATA: resolve(options.dataFolder, 'sandbox') });
    const shared = {
      REDIS_URL: redis.url,
      SLUICE_CONNECTIONS: options.connectionsPath,
      // The demo reads their log.
      LOG_LEVEL: 'info',
      LOG_PRETTY: 'false',
    };
    const worker = await start('worker', {
      ...shared,
      BOTPRESS_API_URL: options.env.BOTPRESS_API_URL ?? sandbox.url,
    });
    const ingest = await start('ingest', shared);
    const operators = await start('console', shared);
    const broken = Promise.race(started.map(({ name, exited }) => exited.then(() => name)));
    return { redis, sandbox, ingest, worker, console: operators, broken, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startOwnRedis({
  projectRoot,
  dataFolder,
  redisPort,
  log,
}: PipelineOptions): Promise<RunningRedis> {
  try {
    return await startRedis({
      dir: resolve(dataFolder, 'redis'),
      port: redisPort,
      detached: true,
      projectRoot,
      log,
    });
  } catch (error) {
    if (!(error instanceof PortBusyError)) throw error;
    throw new Error(`redis: port ${redisPort} is busy: stop what listens there or set SLUICE_REDIS_PORT`);
  }
}
