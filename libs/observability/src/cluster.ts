import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { AggregatorRegistry, type Registry } from 'prom-client';
import type { Logger } from './logger.ts';
import { type Health, type HealthChecks, type MetricsSource, toHealth } from './operations-server.ts';

export interface ClusterOptions {
  /** Number of processes. With one, the app runs in the current process. */
  readonly count: number;
  readonly logger: Logger;
  /**
   * Runs the app. `index` counts the processes from 0; undefined without a cluster. The app exits on a signal
   * (`shutDownOnSignal`), and in a cluster calls `reportToPrimary`.
   */
  readonly run: (index?: number) => Promise<void>;
  /** Serves the combined status from the primary process, before any other process starts. */
  readonly serveStatus: (status: ClusterStatus) => Promise<void>;
}

/** Combined health and metrics of the processes of an app. */
export interface ClusterStatus {
  readonly health: HealthChecks;
  /** Metrics of all processes with the label `process`, so that the counters of a restarted process start at 0. */
  readonly metrics: MetricsSource;
}

/** Milliseconds before an exited process is restarted, so that a crash loop does not use all CPU. */
const RESTART_DELAY = 1_000;

/**
 * Runs an app in several processes that share its port. The primary process only supervises: it restarts a process
 * that exits, kills one that is unresponsive, and forwards SIGTERM. A process that fails to start ends them all. If
 * the primary dies, all processes exit.
 *
 * @returns the promise of `run`; in the primary, when supervision has started
 */
export async function runCluster(options: ClusterOptions): Promise<void> {
  if (options.count === 1) return options.run();
  if (cluster.isPrimary) return supervise(options);
  await options.run(await requestIndex());
}

/** Asks the primary for the index: a message sent before this process listens would be lost. */
async function requestIndex(): Promise<number> {
  process.send?.('index');
  const [index] = (await once(process, 'message')) as [number];
  return index;
}

async function supervise({ count, logger, serveStatus }: ClusterOptions): Promise<void> {
  let isStopping = false;
  const reports = new HealthReports();
  const ready = () => (isStopping ? toHealth('shutting down') : reports.checks.ready());
  const registry = new AggregatorRegistry();
  const metrics = { contentType: registry.contentType, metrics: () => registry.clusterMetrics() };
  await serveStatus({ health: { ...reports.checks, ready }, metrics });

  const stop = () => {
    isStopping = true;
    for (const worker of runningProcesses()) worker.process.kill('SIGTERM');
  };
  const start = (index: number) => {
    const worker = cluster.fork();
    worker.once('message', () => worker.send(index));
    logger.info({ process: index, pid: worker.process.pid }, 'process.started');
    let hasListened = false;
    worker.once('listening', () => {
      hasListened = true;
      reports.follow(worker, () => {
        logger.error({ process: index, pid: worker.process.pid }, 'process.unresponsive');
        worker.process.kill('SIGKILL');
      });
    });
    worker.once('exit', (code, signal) => {
      if (isStopping) return exitAfterLast(code);
      // The process has printed its startup error to stderr.
      if (!hasListened) return stopWith(code);
      logger.error({ process: index, code, signal }, 'process.exited');
      setTimeout(() => isStopping || start(index), RESTART_DELAY);
    });
  };
  const stopWith = (code: number) => {
    process.exitCode = code;
    stop();
  };
  const exitAfterLast = (code: number) => {
    process.exitCode ||= code;
    if (runningProcesses().length === 0) process.exit();
  };
  process.on('SIGTERM', stop);
  // A terminal sends SIGINT to every process, and forwarding it would be a second signal.
  process.on('SIGINT', () => {
    isStopping = true;
  });
  for (let index = 0; index < count; index++) start(index);
}

function runningProcesses(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}

/** Milliseconds between two health reports of a process. */
const REPORT_INTERVAL = 1_000;

/**
 * Missed reports, ten seconds, after which a process is unresponsive. They are counted instead of timed, so that a
 * machine that was suspended with all its processes does not count as unresponsive.
 */
const MAX_MISSED_REPORTS = 10;

interface HealthReport {
  readonly kind: 'sluice:health';
  readonly ready: Health;
  readonly started: Health;
}

/** Reports the health of this process to the primary every second, and its metrics on request. */
export function reportToPrimary(registry: Registry, { ready, started }: HealthChecks): void {
  AggregatorRegistry.setRegistries(registry);
  // The constructor installs the listener for metrics requests.
  new AggregatorRegistry();
  const report = async () => {
    const message: HealthReport = { kind: 'sluice:health', ready: await ready(), started: started() };
    if (process.connected) process.send?.(message);
  };
  setInterval(() => void report(), REPORT_INTERVAL).unref();
}

/** The latest health reports, kept by the primary. */
class HealthReports {
  readonly #latest = new Map<Worker, HealthReport>();

  /** Always alive, because the primary replaces the other processes; ready and started if at least one process is. */
  readonly checks = {
    alive: () => toHealth(undefined),
    ready: () => this.#any(({ ready }) => ready),
    started: () => this.#any(({ started }) => started),
  } satisfies HealthChecks;

  /** Collects the reports of a process and calls `onUnresponsive` once after ten seconds without one. */
  follow(worker: Worker, onUnresponsive: () => void): void {
    let missed = 0;
    const timer = setInterval(() => {
      if (++missed !== MAX_MISSED_REPORTS) return;
      this.#latest.delete(worker);
      onUnresponsive();
    }, REPORT_INTERVAL);
    worker.on('message', (message: unknown) => {
      if (!isHealthReport(message)) return;
      missed = 0;
      this.#latest.set(worker, message);
    });
    worker.once('exit', () => {
      clearInterval(timer);
      this.#latest.delete(worker);
    });
  }

  #any(select: (report: HealthReport) => Health): Health {
    const all = [...this.#latest.values()].map(select);
    return all.find(({ ok }) => ok) ?? all[0] ?? toHealth('no process has reported yet');
  }
}

function isHealthReport(message: unknown): message is HealthReport {
  return (
    typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'sluice:health'
  );
}
