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
  /** Environment of every app. BOTPRESS_API_URL replaces the sandbox. */
  readonly env: Readonly<Record<string, string>>;
  readonly connectionsPath: string;
  /** Data folder of Redis and sandbox. */
  readonly dataFolder: string;
  /** Port of the demo's Redis. */
  readonly redisPort: number;
  readonly log: (line: string) => void;
}

export interface Pipeline {
  readonly redis: RunningRedis;
  readonly sandbox: RunningApp;
  readonly ingest: RunningApp;
  readonly worker: RunningApp;
  readonly console: RunningApp;
  /** Resolves with the name of the first process that exits. */
  readonly exited: Promise<string>;
  /** Stops the processes in reverse order of their start; each drains before the next one stops. */
  stop(): Promise<void>;
}

interface Process {
  readonly name: string;
  readonly exited: Promise<unknown>;
  stop(): Promise<unknown>;
}

/**
 * Starts Redis, sandbox, worker, ingest and console as separate processes. They are detached, so the terminal's
 * Ctrl-C reaches only the demo, which then stops them in order.
 *
 * @throws an Error with a printable message if a process cannot start; the started ones are stopped
 */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const started: Process[] = [];
  const keep = <T extends Omit<Process, 'name'>>(name: string, child: T): T => {
    started.push({ name, exited: child.exited, stop: () => child.stop() });
    return child;
  };
  const stop = async () => {
    for (const child of started.toReversed()) await child.stop();
  };
  try {
    const redis = keep('redis', await startDemoRedis(options));
    const start = async (name: AppName, env: Record<string, string>) =>
      keep(name, await startApp(name, { detached: true, env: { ...options.env, ...env } }));
    const sandbox = await start('sandbox', { SLUICE_SANDBOX_DATA: resolve(options.dataFolder, 'sandbox') });
    const shared = {
      REDIS_URL: redis.url,
      SLUICE_CONNECTIONS: options.connectionsPath,
      // The demo parses their logs.
      LOG_LEVEL: 'info',
      LOG_PRETTY: 'false',
    };
    const worker = await start('worker', {
      ...shared,
      BOTPRESS_API_URL: options.env.BOTPRESS_API_URL ?? sandbox.url,
    });
    const ingest = await start('ingest', shared);
    const consoleApp = await start('console', shared);
    const exited = Promise.race(started.map(({ name, exited }) => exited.then(() => name)));
    return { redis, sandbox, ingest, worker, console: consoleApp, exited, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startDemoRedis({
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
    throw new Error(
      `redis: Port ${redisPort} is in use. Stop the process that uses it, or set SLUICE_REDIS_PORT.`,
    );
  }
}
