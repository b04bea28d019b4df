import { EventLookup, EventSender } from '@sluice/botpress';
import {
  loadSourceRegistry,
  readWorkerSettings,
  type WorkerSettings,
  watchConnections,
} from '@sluice/config';
import {
  createLogger,
  createMetricsRegistry,
  createOperationsServer,
  type Logger,
  listen,
  openTracing,
  runApp,
  shutDownOnSignal,
} from '@sluice/observability';
import { createEraser, openShards, type RetentionLimits, startWorker } from '@sluice/queue';
import { createComplianceAudit, createComplianceHandler } from './compliance.ts';
import { createWorkerHealth } from './health.ts';
import { addRunningGauge, createAttemptMetrics } from './metrics/attempts.ts';
import { createQueueWaitTracker } from './metrics/verdict.ts';
import { addQueueMetrics } from './open-queue-metrics.ts';
import { openShardWork } from './open-shard-work.ts';
import { createSweepReporter } from './report-sweep.ts';

runApp('worker', async () => {
  const settings = readWorkerSettings();
  const logger = createLogger('worker', settings.log);
  const now = Date.now;
  const calls = { timeout: settings.apiTimeoutMs, now };
  const sender = new EventSender(calls);
  const finder = new EventLookup(calls);
  const sources = await loadSourceRegistry(settings.connectionsPath);
  const connections = watchConnections(settings.connectionsPath, {
    registry: sources,
    onReloaded: ({ size }) => {
      sender.clearClients();
      finder.clearClients();
      logger.info({ connections: size }, 'connections.reloaded');
    },
    onRejected: (error) => logger.error({ problems: error.problems }, 'connections.reload_failed'),
  });
  const registry = createMetricsRegistry();
  const metrics = createAttemptMetrics(registry);
  const tracing = await openTracing('sluice-worker', settings.tracing, logger);
  const redis = redisOptions(settings, logger);
  let worker: ReturnType<typeof startWorker> | undefined;
  const shards = openShards({
    ...{ url: redis.redisUrl, name: 'sluice-worker-reads', prefix: settings.redis.queuePrefix },
    wanted: settings.redis.shards,
    onGrown: (count) => {
      logger.info({ shards: count }, 'shards.added');
      worker?.grow();
    },
    onError: redis.onError,
  });
  const lockDuration = lockDurationOf(settings);
  const comply = createComplianceHandler({
    eraser: createEraser(shards),
    audit: createComplianceAudit(logger),
    now,
    random: Math.random,
  });
  const queueMetrics = addQueueMetrics(registry, shards, () => connections.current);
  const health = createWorkerHealth({
    countWaiting: queueMetrics.countWaiting,
    stuckAfter: stuckAfterOf(settings),
    now: () => performance.now(),
  });
  const { isReplayed } = queueMetrics;
  const recording = { logger, metrics, tracing, now, queueWaits: createQueueWaitTracker(), isReplayed };
  const workshop = {
    ...{ settings, lockDuration, sender, finder, comply, health, recording },
    connections: () => connections.current,
    onError: redis.onError,
  };

  addRunningGauge(registry, health.isTaking);
  const operations = createOperationsServer({ registry, ...health.checks });
  // First the port: a second worker on it must not have taken anything when it stops.
  const metricsUrl = await listen(operations, {
    host: settings.metricsHost,
    port: settings.metricsPort,
    variable: 'SLUICE_WORKER_METRICS_PORT',
  });
  const retention = retentionOf(settings);
  worker = startWorker({
    ...redis,
    shards,
    concurrency: settings.concurrency,
    lockDuration,
    stalledInterval: settings.stalledIntervalMs,
    keepDelivered: settings.keepDelivered,
    open: (prefix) => openShardWork(workshop, prefix),
    onReplayEnded: ({ replay, became, why }) =>
      logger[became === 'done' ? 'info' : 'error']({ replay: replay.id, why }, `replay.${became}`),
    retention,
    onSwept: createSweepReporter(logger, retention, () => performance.now()),
  });
  health.started(worker.isRunning);
  logger.info({ metricsUrl, connections: connections.current.size }, 'worker.started');

  shutDownOnSignal({
    logger,
    deadline: settings.drainMs,
    drain: async () => {
      health.draining();
      await worker.close();
      await shards.close();
      await tracing?.close();
      connections.close();
      operations.closeAllConnections();
    },
  });
});

/** Longer than the longest call, or a second worker would take the delivery while the first still sends it. */
function lockDurationOf({ apiTimeoutMs }: WorkerSettings): number {
  return 2 * apiTimeoutMs + 1_000;
}

/**
 * Milliseconds. An attempt waits for its turn as long as for its answer, and may look for an earlier one's event
 * besides; and who wakes somebody for a restart has not lost much in five minutes.
 */
function stuckAfterOf({ apiTimeoutMs }: WorkerSettings): number {
  return Math.max(5 * 60_000, 4 * apiTimeoutMs);
}

/** For both, 0 is no limit. */
function retentionOf({ deadLetterMaxDays, deadLetterMaxMib }: WorkerSettings): RetentionLimits {
  return {
    ...(deadLetterMaxDays > 0 ? { keepFor: deadLetterMaxDays * 24 * 3_600_000 } : {}),
    ...(deadLetterMaxMib > 0 ? { maxBytes: deadLetterMaxMib * 1024 * 1024 } : {}),
  };
}

function redisOptions({ redis }: WorkerSettings, logger: Logger) {
  return {
    redisUrl: redis.url.reveal(),
    onError: (error: Error) => logger.warn({ error: error.message }, 'redis.error'),
  };
}
