import { resolve } from 'node:path';
import { type RunningApp, type RunningRedis, startApp, startRedis } from '@sluice/testing';

export interface PipelineOptions {
  readonly projectRoot: string;
  /** Handed to every app; REDIS_URL and BOTPRESS_API_URL in it are used instead of the demo's own. */
  readonly env: Readonly<Record<string, string>>;
  readonly connectionsPath: string;
  /** Of the demo's own Redis. */
  readonly redisPort: number;
  readonly log: (line: string) => void;
}

export interface Pipeline {
  readonly redis: RunningRedis;
  readonly sandbox: RunningApp;
  readonly ingest: RunningApp;
  readonly worker: RunningApp;
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
 * Starts Redis, sandbox, ingest and worker, each a process of its own, out of reach of the terminal's Ctrl-C:
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
    const data = resolve(options.projectRoot, '.sluice');
    const redis = keep(
      'redis',
      await startRedis({
        dir: resolve(data, 'redis'),
        port: options.redisPort,
        detached: true,
        projectRoot: options.projectRoot,
        log: options.log,
      }),
    );
    const start = async (name: 'sandbox' | 'ingest' | 'worker', env: Record<string, string>) =>
      keep(name, await startApp(name, { detached: true, env: { ...options.env, ...env } }));
    const sandbox = await start('sandbox', { SLUICE_SANDBOX_DATA: resolve(data, 'sandbox') });
    const shared = {
      REDIS_URL: redis.url,
      SLUICE_CONNECTIONS: options.connectionsPath,
      LOG_PRETTY: 'false',
    };
    const worker = await start('worker', {
      ...shared,
      BOTPRESS_API_URL: options.env.BOTPRESS_API_URL ?? sandbox.url,
    });
    const ingest = await start('ingest', shared);
    const broken = Promise.race(started.map(({ name, exited }) => exited.then(() => name)));
    return { redis, sandbox, ingest, worker, broken, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
