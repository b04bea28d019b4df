import { EventFinder, EventSender } from '@sluice/botpress';
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
  runApp,
  shutDownOnSignal,
} from '@sluice/observability';
import { consumeDeliveries, openEraser, openGate, type RetentionLimits, type Taken } from '@sluice/queue';
import { createAudit } from './audit.ts';
import { createComply } from './comply.ts';
import { createDeliverEvent } from './deliver-event.ts';
import { openQueueMetrics } from './open-queue-metrics.ts';
import { Probation } from './probation.ts';
import { processDelivery } from './process-delivery.ts';
import { recordAttempt } from './record-attempt.ts';
import { createTellGate } from './tell-gate.ts';
import { createTellSweep } from './tell-sweep.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

runApp('worker', async () => {
  const settings = readWorkerSettings();
  const logger = createLogger('worker', settings.log);
  const now = Date.now;
  const calls = { timeout: settings.apiTimeoutMs, now };
  const sender = new EventSender(calls);
  const finder = new EventFinder(calls);
  const sources = await loadSourceRegistry(settings.connectionsPath);
  const connections = watchConnections(settings.connectionsPath, {
    registry: sources,
    onReloaded: ({ size }) => {
      sender.forgetClients();
      finder.forgetClients();
      logger.info({ connections: size }, 'connections reloaded');
    },
    onRejected: (error) =>
      logger.error({ problems: error.problems }, 'connections kept: the new file is wrong'),
  });
  const registry = createMetricsRegistry();
  const metrics = createWorkerMetrics(registry);
  const recording = { logger, metrics, now };
  const redis = redisOptions(settings, logger);
  const eraser = openEraser({ ...redis, url: redis.redisUrl, name: 'sluice-worker-eraser' });
  const lockDuration = lockDurationOf(settings);
  const gate = openGate({ ...redis, probeAfter: settings.holdProbeMs, lockDuration });
  const { random } = Math;
  const comply = createComply({ eraser, audit: createAudit(logger), now, random });
  const deliver = createDeliverEvent({
    gate,
    probation: new Probation(now),
    tellGate: createTellGate({ gate, logger }),
    sender,
    finder,
    recordLook: metrics.recordLook,
    apiUrl: settings.botpressApiUrl,
    settleMs: settings.settleMs,
    sendWithinMs: lockDuration - settings.apiTimeoutMs,
    now,
    random,
  });
  const process = async (taken: Taken) => {
    const startedAt = now();
    const attempt = await processDelivery({ comply, deliver, connections: connections.current }, taken);
    recordAttempt(recording, attempt, startedAt);
    return attempt.outcome;
  };

  const queueMetrics = openQueueMetrics(
    registry,
    { ...redis, url: redis.redisUrl },
    () => connections.current,
  );
  let isRunning = () => true;
  const operations = createOperationsServer({
    registry,
    alive: () => (isRunning() ? { ok: true } : { ok: false, why: 'no deliveries are being taken' }),
  });
  // First the port: a second worker on it must not have taken anything when it stops.
  const metricsUrl = await listen(operations, {
    host: settings.metricsHost,
    port: settings.metricsPort,
    variable: 'SLUICE_WORKER_METRICS_PORT',
  });
  const retention = retentionOf(settings);
  const consumer = consumeDeliveries({
    ...redis,
    concurrency: settings.concurrency,
    lockDuration,
    stalledInterval: settings.stalledIntervalMs,
    keepDelivered: settings.keepDelivered,
    process,
    onReplayEnded: ({ replay, became, why }) =>
      logger[became === 'done' ? 'info' : 'error']({ replay: replay.id, why }, `replay.${became}`),
    retention,
    onSwept: createTellSweep(logger, retention, () => performance.now()),
  });
  isRunning = consumer.isRunning;
  logger.info({ metricsUrl, connections: connections.current.size }, 'worker running');

  shutDownOnSignal({
    logger,
    deadline: settings.drainMs,
    drain: async () => {
      await consumer.close();
      await gate.close();
      await queueMetrics.close();
      await eraser.close();
      connections.close();
      operations.closeAllConnections();
    },
  });
});

/** Longer than the longest call, or a second worker would take the delivery while the first still sends it. */
function lockDurationOf({ apiTimeoutMs }: WorkerSettings): number {
  return 2 * apiTimeoutMs + 1_000;
}

/** For both, 0 is no limit. */
function retentionOf({ deadKeepDays, deadMaxMib }: WorkerSettings): RetentionLimits {
  return {
    ...(deadKeepDays > 0 ? { keepFor: deadKeepDays * 24 * 3_600_000 } : {}),
    ...(deadMaxMib > 0 ? { maxBytes: deadMaxMib * 1024 * 1024 } : {}),
  };
}

function redisOptions({ redis }: WorkerSettings, logger: Logger) {
  return {
    redisUrl: redis.url.reveal(),
    prefix: redis.queuePrefix,
    onError: (error: Error) => logger.warn({ error: error.message }, 'redis'),
  };
}
