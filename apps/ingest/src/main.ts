import { setTimeout as pause } from 'node:timers/promises';
import {
  type IngestSettings,
  loadSourceRegistry,
  readIngestSettings,
  watchConnections,
} from '@sluice/config';
import {
  createLogger,
  createMetricsRegistry,
  createOperationsServer,
  type HealthChecks,
  type Logger,
  listen,
  type MetricsSource,
  openTracing,
  reportToPrimary,
  runApp,
  runCluster,
  shutDownOnSignal,
  toHealth,
} from '@sluice/observability';
import {
  BacklogPriority,
  type EnqueueRejection,
  openProducers,
  type Producers,
  unverifiedBullmq,
} from '@sluice/queue';
import { InFlight } from './in-flight.ts';
import { createIngestMetrics } from './ingest-metrics.ts';
import { createIngestServer, prepareClose } from './ingest-server.ts';

runApp('ingest', async () => {
  const settings = readIngestSettings();
  const logger = createLogger('ingest', settings.log);
  await runCluster({
    count: settings.processes,
    logger,
    run: (index) => serve(settings, logger, index),
    serveStatus: async ({ health, metrics }) => {
      const metricsUrl = await serveOperations(settings, metrics, health);
      logger.info({ metricsUrl, processes: settings.processes }, 'ingest.cluster_started');
    },
  });
});

/** @param index of this process in a cluster */
async function serve(settings: IngestSettings, logger: Logger, index?: number): Promise<void> {
  // One line for a cluster.
  const unverified = index ? undefined : unverifiedBullmq();
  if (unverified) logger.warn(unverified, 'bullmq.version_unverified');
  const sources = await loadSourceRegistry(settings.connectionsPath);
  const connections = watchConnections(settings.connectionsPath, {
    registry: sources,
    onReloaded: ({ size }) => logger.info({ connections: size }, 'connections.reloaded'),
    onRejected: (error) => logger.error({ problems: error.problems }, 'connections.reload_failed'),
  });
  const tracing = await openTracing('sluice-ingest', settings.tracing, logger);
  const producers = openQueue(settings, logger);
  const registry = createMetricsRegistry(index === undefined ? {} : { process: String(index) });
  const shared = {
    enqueuerFor: producers.enqueuerFor,
    inFlight: new InFlight(settings.maxInFlight, settings.maxInFlightBytes),
    priorities: new BacklogPriority(() => performance.now()),
    metrics: createIngestMetrics(registry, { ...producers, connections: () => connections.current }),
    logger,
    tracing,
    now: Date.now,
  };
  let isDraining = false;
  let hasStarted = false;
  const health: HealthChecks = {
    alive: () => ({ ok: true }),
    ready: () => toHealth(isDraining ? 'shutting down' : producers.refusal()?.why),
    started: () => toHealth(hasStarted ? undefined : 'not listening for webhooks yet'),
  };
  const server = createIngestServer({
    dependencies: () => ({ ...shared, connections: connections.current }),
    health,
    logger,
    headersTimeout: settings.headersTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
  });
  const closeServer = prepareClose(server);
  const metricsUrl =
    index === undefined
      ? await serveOperations(settings, registry, health)
      : reportToPrimary(registry, health);
  // Waits for Redis, so that the first webhooks of a new process get a 2xx. Without Redis, it listens anyway and
  // responds with 503.
  await Promise.race([producers.reached, pause(settings.enqueueDeadlineMs, undefined, { ref: false })]);
  const url = await listen(server, {
    host: settings.host,
    port: settings.port,
    variable: 'SLUICE_INGEST_PORT',
  });
  hasStarted = true;
  logger.info({ url, metricsUrl, connections: connections.current.size }, 'ingest.started');

  shutDownOnSignal({
    logger,
    deadline: settings.drainMs,
    drain: async () => {
      isDraining = true;
      await closeServer();
      await producers.close();
      await tracing?.close();
      connections.close();
    },
  });
}

/** Serves metrics and health checks and returns their URL. */
function serveOperations(settings: IngestSettings, registry: MetricsSource, health: HealthChecks) {
  return listen(createOperationsServer({ registry, ...health }), {
    host: settings.metricsHost,
    port: settings.metricsPort,
    variable: 'SLUICE_INGEST_METRICS_PORT',
  });
}

/** Opens the configured shards for writing, not those that remain from an earlier, larger shard count. */
function openQueue(settings: IngestSettings, logger: Logger): Producers {
  return openProducers({
    redisUrl: settings.redis.url.reveal(),
    prefix: settings.redis.queuePrefix,
    shards: settings.redis.shards,
    deadline: settings.enqueueDeadlineMs,
    maxPending: settings.maxInFlight,
    maxPendingBytes: settings.maxInFlightBytes,
    maxBacklog: settings.maxBacklog,
    memoryWatermarkPercent: settings.memoryWatermarkPercent,
    waitReplicas: settings.waitReplicas,
    onShedding: (refusal, shard) => logShedding(logger, refusal, shard),
    onError: (error) => logger.warn({ error: error.message }, 'redis.error'),
  });
}

function logShedding(logger: Logger, refusal: EnqueueRejection | undefined, shard: number): void {
  if (refusal) logger.warn({ ...refusal, shard }, 'load_shedding.started');
  else logger.info({ shard }, 'load_shedding.stopped');
}
