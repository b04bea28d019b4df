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
  type Logger,
  listen,
  runApp,
  shutDownOnSignal,
} from '@sluice/observability';
import { openProducer, type Producer } from '@sluice/queue';
import { closeServer } from './close-server.ts';
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
    metrics: createIngestMetrics(registry),
    logger,
    now: Date.now,
  };
  const ready = () =>
    producer.isReady() ? ({ ok: true } as const) : ({ ok: false, why: 'Redis is not reachable' } as const);
  const edge = createIngestServer({
    handling: () => ({ ...shared, connections: connections.current }),
    ready,
    logger,
    headersTimeout: settings.headersTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
  });
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
      await closeServer(edge);
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
    onError: (error) => logger.warn({ error: error.message }, 'redis'),
  });
}
