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
  type Health,
  type Logger,
  listen,
  runApp,
  shutDownOnSignal,
} from '@sluice/observability';
import { BacklogPriority, openProducer, type Producer, type Refusal } from '@sluice/queue';
import { closable } from './close-server.ts';
import { createIngestServer } from './create-ingest-server.ts';
import { InFlight } from './in-flight.ts';
import { createIngestMetrics } from './ingest-metrics.ts';

runApp('ingest', async () => {
  const settings = readIngestSettings();
  const logger = createLogger('ingest', settings.log);
  const sources = await loadSourceRegistry(settings.connectionsPath);
  const connections = watchConnections(settings.connectionsPath, {
    registry: sources,
    onReloaded: ({ size }) => logger.info({ connections: size }, 'connections reloaded'),
    onRejected: (error) =>
      logger.error({ problems: error.problems }, 'connections kept: the new file is wrong'),
  });
  const producer = openQueue(settings, logger);
  const registry = createMetricsRegistry();
  const shared = {
    enqueuer: producer.enqueuer,
    inFlight: new InFlight(settings.maxInFlight, settings.maxInFlightBytes),
    priorities: new BacklogPriority(() => performance.now()),
    metrics: createIngestMetrics(registry, () => producer.load()?.memoryRatio),
    logger,
    now: Date.now,
  };
  let isDraining = false;
  const ready = () => readiness(isDraining ? 'shutting down' : producer.refusal()?.why);
  const edge = createIngestServer({
    handling: () => ({ ...shared, connections: connections.current }),
    ready,
    logger,
    headersTimeout: settings.headersTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
  });
  const closeEdge = closable(edge);
  const operations = createOperationsServer({ registry, alive: () => ({ ok: true }), ready });

  // The first webhooks of a new process should not meet one that is still on its way to Redis. Where there is
  // no Redis to reach, it listens all the same and answers 503.
  await Promise.race([producer.reached, pause(settings.enqueueDeadlineMs, undefined, { ref: false })]);
  const url = await listen(edge, {
    host: settings.host,
    port: settings.port,
    variable: 'SLUICE_INGEST_PORT',
  });
  const metricsUrl = await listen(operations, {
    host: settings.metricsHost,
    port: settings.metricsPort,
    variable: 'SLUICE_INGEST_METRICS_PORT',
  });
  logger.info({ url, metricsUrl, connections: connections.current.size }, 'ingest listening');

  shutDownOnSignal({
    logger,
    deadline: settings.drainMs,
    drain: async () => {
      isDraining = true;
      await closeEdge();
      await producer.close();
      connections.close();
      operations.closeAllConnections();
    },
  });
});

function openQueue(settings: IngestSettings, logger: Logger): Producer {
  return openProducer({
    redisUrl: settings.redis.url.reveal(),
    prefix: settings.redis.queuePrefix,
    deadline: settings.enqueueDeadlineMs,
    maxPending: settings.maxInFlight,
    maxPendingBytes: settings.maxInFlightBytes,
    maxBacklog: settings.maxBacklog,
    memoryWatermarkPercent: settings.memoryWatermarkPercent,
    waitReplicas: settings.waitReplicas,
    onShedding: (refusal) => tellShedding(logger, refusal),
    onError: (error) => logger.warn({ error: error.message }, 'redis'),
  });
}

function tellShedding(logger: Logger, refusal: Refusal | undefined): void {
  if (refusal) logger.warn(refusal, 'webhooks are refused');
  else logger.info('webhooks are taken again');
}

function readiness(why: string | undefined): Health {
  return why === undefined ? { ok: true } : { ok: false, why };
}
