import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { AggregatorRegistry } from 'prom-client';
import { type HealthChecks, toHealth } from '../health.ts';
import type { Logger } from '../logger.ts';
import type { MetricsSource } from '../operations-server.ts';
import { HealthReports } from './told-health.ts';

export interface ClusterOptions {
  /** How many; with one, there is none besides this. */
  readonly count: number;
  readonly logger: Logger;
  /**
   * The app, with the place of its process among several, from 0. It listens, and ends its process by itself when it
   * is told to (`shutDownOnSignal`); of several each calls `answerOverseer`.
   */
  readonly run: (place?: number) => Promise<void>;
  /** Where there are several: serves what is known of all of them in the first process, before any other starts. */
  readonly oversee: (all: ClusterStatus) => Promise<void>;
}

/** Several processes of one app, as the first one sees them. */
export interface ClusterStatus {
  readonly health: HealthChecks;
  /** The metrics of all, each with its place as the label `process`, so that one that starts anew starts at 0 by itself. */
  readonly metrics: MetricsSource;
}

/** Milliseconds until one that has died is started anew: it must not take all CPU if it dies at once. */
const AGAIN_AFTER = 1_000;

/**
 * Runs an app in several processes, which share the port that they listen on. The first process only looks after the
 * others: one that has died is started anew, one that hangs is killed before, one that cannot even start ends them all,
 * and a signal ends them as each ends by itself. If it dies, they end at once.
 *
 * @returns what `run` does in each of them; in the first, never
 */
export async function runCluster(options: ClusterOptions): Promise<void> {
  if (options.count === 1) return options.run();
  if (cluster.isPrimary) return lookAfter(options);
  await options.run(await askForPlace());
}

/** Which this process is. It asks: what it was sent before it listened would be lost. */
async function askForPlace(): Promise<number> {
  process.send?.('place');
  const [place] = (await once(process, 'message')) as [number];
  return place;
}

async function lookAfter({ count, logger, oversee }: ClusterOptions): Promise<void> {
  let isEnding = false;
  const told = new HealthReports();
  const ready = () => (isEnding ? toHealth('shutting down') : told.checks.ready());
  const registry = new AggregatorRegistry();
  const metrics = { contentType: registry.contentType, metrics: () => registry.clusterMetrics() };
  await oversee({ health: { ...told.checks, ready }, metrics });

  const end = () => {
    isEnding = true;
    for (const process of processes()) process.process.kill('SIGTERM');
  };
  const start = (place: number) => {
    const one = cluster.fork();
    one.once('message', () => one.send(place));
    logger.info({ process: place, pid: one.process.pid }, 'process.started');
    let hasListened = false;
    one.once('listening', () => {
      hasListened = true;
      told.follow(one, () => {
        logger.error({ process: place, pid: one.process.pid }, 'process.unresponsive');
        one.process.kill('SIGKILL');
      });
    });
    one.once('exit', (code, signal) => {
      if (isEnding) return endIfLast(code);
      // Its own words are on stderr.
      if (!hasListened) return endWith(code);
      logger.error({ process: place, code, signal }, 'process.exited');
      setTimeout(() => isEnding || start(place), AGAIN_AFTER);
    });
  };
  const endWith = (code: number) => {
    process.exitCode = code;
    end();
  };
  const endIfLast = (code: number) => {
    process.exitCode ||= code;
    if (processes().length === 0) process.exit();
  };
  process.on('SIGTERM', end);
  // From a terminal it goes to all processes, and a second signal would stop them hard.
  process.on('SIGINT', () => {
    isEnding = true;
  });
  for (let place = 0; place < count; place++) start(place);
}

function processes(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((one) => one !== undefined);
}
