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
  openShardCount,
  type Producers,
  type ShardCount,
} from '@sluice/queue';
import { closable } from './close-server.ts';
import { createIngestServer } from './create-ingest-server.ts';
import { InFlight } from './in-flight.ts';
import { createIngestMetrics } from './ingest-metrics.ts';

runApp('ingest', async () => {
  const settings = readIngestSettings();
  const logger = createLogger('ingest', settings.log);
  await runCluster({
    count: settings.processes,
    logger,
    run: (place) => serve(settings, logger, place),
    serveStatus: async ({ health, metrics }) => {
      const metricsUrl = await listenForOperators(settings, metrics, health);
      logger.info({ metricsUrl, processes: settings.processes }, 'ingest.cluster_started');
    },
  });
});

/** @param place of this process among several */
async function serve(settings: IngestSettings, logger: Logger, place?: number): Promise<void> {
  const sources = await loadSourceRegistry(settings.connectionsPath);
  const connections = watchConnections(settings.connectionsPath, {
    registry: sources,
    onReloaded: ({ size }) => logger.info({ connections: size }, 'connections.reloaded'),
    onRejected: (error) => logger.error({ problems: error.problems }, 'connections.reload_failed'),
  });
  const tracing = await openTracing('sluice-ingest', settings.tracing, logger);
  const shards = openShards(settings, logger);
  const producers = openQueue(settings, logger);
  const registry = createMetricsRegistry(place === undefined ? {} : { process: String(place) });
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
  const edge = createIngestServer({
    handling: () => ({ ...shared, connections: connections.current }),
    health,
    logger,
    headersTimeout: settings.headersTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
  });
  const closeEdge = closable(edge);
  const metricsUrl =
    place === undefined
      ? await listenForOperators(settings, registry, health)
      : reportToPrimary(registry, health);
  // The first webhooks of a new process should not meet one that is still on its way to Redis. Where there is
  // no Redis to reach, it listens all the same and answers 503.
  await Promise.race([producers.reached, pause(settings.enqueueDeadlineMs, undefined, { ref: false })]);
  const url = await listen(edge, {
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
      await closeEdge();
      await producers.close();
      await tracing?.close();
      await shards.close();
      connections.close();
    },
  });
}

/** @returns where metrics and health are asked for */
function listenForOperators(settings: IngestSettings, registry: MetricsSource, health: HealthChecks) {
  return listen(createOperationsServer({ registry, ...health }), {
    host: settings.metricsHost,
    port: settings.metricsPort,
    variable: 'SLUICE_INGEST_METRICS_PORT',
  });
}

function openShards({ redis }: IngestSettings, logger: Logger): ShardCount {
  return openShardCount({
    url: redis.url.reveal(),
    name: 'sluice-ingest',
    prefix: redis.queuePrefix,
    wanted: redis.shards,
    announces: true,
    onError: (error) => logger.warn({ error: error.message }, 'redis.error'),
  });
}

/** It writes into as many shards as it was told to, and not into those that are only worked off still. */
function openQueue(settings: IngestSettings, logger: Logger): Producers {
  return openProducers({
    redisUrl: settings.redis.url.reveal(),
    prefix: settings.redis.queuePrefix,
    shards: () => settings.redis.shards,
    deadline: settings.enqueueDeadlineMs,
    maxPending: settings.maxInFlight,
    maxPendingBytes: settings.maxInFlightBytes,
    maxBacklog: settings.maxBacklog,
    memoryWatermarkPercent: settings.memoryWatermarkPercent,
    waitReplicas: settings.waitReplicas,
    onShedding: (refusal, shard) => tellShedding(logger, refusal, shard),
    onError: (error) => logger.warn({ error: error.message }, 'redis.error'),
  });
}

function tellShedding(logger: Logger, refusal: EnqueueRejection | undefined, shard: number): void {
  if (refusal) logger.warn({ ...refusal, shard }, 'load_shedding.started');
  else logger.info({ shard }, 'load_shedding.stopped');
}
