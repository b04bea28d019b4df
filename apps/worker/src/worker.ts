import {
  type BotTarget,
  callerOf,
  EventLinker,
  EventLookup,
  EventSender,
  EventStatuses,
  parseFacts,
  WebhookForwarder,
} from '@sluice/botpress';
import { isPrivateAddress, loadSourceRegistry, type WorkerSettings, watchConnections } from '@sluice/config';
import {
  createMetricsRegistry,
  createOperationsServer,
  type Logger,
  listen,
  openTracing,
  type Registry,
  shutDownOnSignal,
} from '@sluice/observability';
import {
  createEraser,
  createRecordedFacts,
  createWorkspaceLimits,
  openShards,
  type RetentionLimits,
  type SweepStatuses,
  startWorker,
  type WorkspaceLimitOptions,
  type WorkspaceLimits,
} from '@sluice/queue';
import { createComplianceAudit, createComplianceHandler } from './compliance.ts';
import { createWorkerHealth } from './health.ts';
import { addRunningGauge, createAttemptMetrics } from './metrics/attempts.ts';
import { addQueueMetrics } from './metrics/queue-metrics.ts';
import { createStatusMetrics } from './metrics/statuses.ts';
import { addWorkspaceMetrics, createReadCounter } from './metrics/workspaces.ts';
import { openShardWork } from './process-shard.ts';
import { createSweepReporter } from './report-sweep.ts';
import { createStatusReporter } from './statuses/report-status.ts';
import { createStatusSweep } from './statuses/status-sweep.ts';

/**
 * Composes and starts a worker process: clients of Botpress, connections to Redis, metrics, health, consumers and
 * background loops. Drains on SIGTERM and SIGINT.
 */
export async function runWorker(settings: WorkerSettings, logger: Logger): Promise<void> {
  const now = Date.now;
  const monotonicNow = () => performance.now();
  const onError = (error: Error) => logger.warn({ error: error.message }, 'redis.error');
  // Lookups and links need the connections, whose reload needs them.
  let limits: WorkspaceLimits | undefined;
  const acquireCall: WorkspaceLimits['acquireCall'] = async (target, purpose) =>
    limits?.acquireCall(target, purpose);
  const { connections, statuses, ...calls } = await openTargets(settings, logger, acquireCall);
  const current = () => connections.current;
  const registry = createMetricsRegistry();
  const metrics = createAttemptMetrics(registry);
  const tracing = await openTracing('sluice-worker', settings.tracing, logger);
  const redisUrl = settings.redis.url.reveal();
  let worker: ReturnType<typeof startWorker> | undefined;
  const shards = openShards({
    ...{ url: redisUrl, name: 'sluice-worker-reads', prefix: settings.redis.queuePrefix },
    wanted: settings.redis.shards,
    onGrown: (count) => {
      logger.info({ shards: count }, 'shards.added');
      worker?.grow();
    },
    onError,
  });
  limits = openLimits(settings, { shards, connections: current, registry });
  const { countWaiting } = addQueueMetrics(registry, shards, current);
  const health = createWorkerHealth({ countWaiting, stuckAfter: stuckAfterOf(settings), now: monotonicNow });
  addRunningGauge(registry, health.isTaking);
  const operations = createOperationsServer({ registry, ...health.checks });
  // The port comes first: a second worker on the same port must stop before it takes a delivery.
  const metricsUrl = await listen(operations, {
    host: settings.metricsHost,
    port: settings.metricsPort,
    variable: 'SLUICE_WORKER_METRICS_PORT',
  });
  const lockDuration = lockDurationOf(settings);
  const comply = createComplianceHandler({
    eraser: createEraser(shards),
    audit: createComplianceAudit(logger),
    now,
    random: Math.random,
  });
  const recordedFacts = createRecordedFacts(shards);
  const recording = { logger, metrics, tracing, now };
  const dependencies = {
    ...{ ...calls, settings, lockDuration, comply, health, limits, recording, onError },
    readFacts: async (target: BotTarget) => {
      const { apiUrl, caller } = callerOf(target);
      return parseFacts(await recordedFacts.read(apiUrl, caller));
    },
    connections: current,
  };
  const retention = retentionOf(settings);
  const statusMetrics = createStatusMetrics(registry);
  const report = createStatusReporter({ logger, metrics: statusMetrics, connections: current });
  const sweep = createStatusSweep({
    ...{ report, statuses, now: monotonicNow, connections: current, apiUrl: settings.botpressApiUrl },
    ...{ interval: settings.statusIntervalMs, isEnabled: settings.statusSweep === 'true' },
    acquireCall: async (target) => limits.acquireCall(target, 'sweep'),
  });
  worker = startWorker({
    ...{ redisUrl, onError, shards, lockDuration, stalledInterval: settings.stalledIntervalMs },
    ...{ concurrency: settings.concurrency, keepDelivered: settings.keepDelivered },
    ...statusOptionsOf(settings, sweep),
    open: (prefix) => openShardWork(dependencies, prefix),
    onReplayEnded: ({ replay, became, why }) =>
      logger[became === 'done' ? 'info' : 'error']({ replay: replay.id, why }, `replay.${became}`),
    retention,
    onSwept: createSweepReporter(logger, retention, monotonicNow),
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
}

/** Opens the limits of workspaces and registers their metrics. */
function openLimits(
  { workspace, sweepPercent, botpressApiUrl }: WorkerSettings,
  { registry, ...sources }: Pick<WorkspaceLimitOptions, 'shards' | 'connections'> & { registry: Registry },
): WorkspaceLimits {
  const { callsPerSecond } = workspace;
  const onRead = createReadCounter(registry);
  const options = { ...sources, callsPerSecond, sweepPercent, apiUrl: botpressApiUrl, onRead };
  const limits = createWorkspaceLimits(options);
  const { shards } = sources;
  addWorkspaceMetrics(registry, { shards, settings: workspace, workspaces: limits.workspaces });
  return limits;
}

/** Milliseconds to find the conversation and user of an event. The event's permit is held meanwhile. */
const LINK_TIMEOUT = 5_000;

/** Opens the connections file and the Botpress clients, which drop their cached clients when the file changes. */
async function openTargets(
  { apiTimeoutMs, connectionsPath }: WorkerSettings,
  logger: Logger,
  acquireCall: WorkspaceLimits['acquireCall'],
) {
  const calls = { timeout: apiTimeoutMs, now: Date.now };
  const sender = new EventSender(calls);
  const statuses = new EventStatuses(calls);
  const lookup = new EventLookup({ ...calls, acquireCall: (target) => acquireCall(target, 'lookup') });
  const linker = new EventLinker({
    ...calls,
    timeout: Math.min(LINK_TIMEOUT, apiTimeoutMs),
    acquireCall: (target) => acquireCall(target, 'link'),
  });
  const forwarder = new WebhookForwarder({ ...calls, isPrivate: isPrivateAddress });
  const connections = watchConnections(connectionsPath, {
    registry: await loadSourceRegistry(connectionsPath),
    onReloaded: ({ size }) => {
      sender.clearClients();
      lookup.clearClients();
      statuses.clearClients();
      linker.clearClients();
      logger.info({ connections: size }, 'connections.reloaded');
    },
    onRejected: (error) => logger.error({ problems: error.problems }, 'connections.reload_failed'),
  });
  return { sender, lookup, linker, forwarder, statuses, connections };
}

/** Returns a lock duration longer than the longest call. Otherwise another worker would take a delivery during its call. */
function lockDurationOf({ apiTimeoutMs }: WorkerSettings): number {
  return 2 * apiTimeoutMs + 1_000;
}

/**
 * Returns the milliseconds without progress after which the worker counts as stuck. One attempt waits for its permit as
 * long as for its answer and may look up an earlier event; a restart after five minutes loses little.
 */
function stuckAfterOf({ apiTimeoutMs }: WorkerSettings): number {
  return Math.max(5 * 60_000, 4 * apiTimeoutMs);
}

/** Returns the limits of the retention. A setting of 0 means unlimited. */
function retentionOf({ deadLetterMaxDays, deadLetterMaxMib }: WorkerSettings): RetentionLimits {
  return {
    ...(deadLetterMaxDays > 0 ? { keepFor: deadLetterMaxDays * 24 * 3_600_000 } : {}),
    ...(deadLetterMaxMib > 0 ? { maxBytes: deadLetterMaxMib * 1024 * 1024 } : {}),
  };
}

/** Returns how delivered deliveries await the status of their event. */
function statusOptionsOf(
  { statusSweep, statusIntervalMs, statusMaxMinutes, keepAwaiting }: WorkerSettings,
  sweep: SweepStatuses,
) {
  return {
    ...(statusSweep === 'true' ? { statuses: { keepAwaiting } } : {}),
    // An event is looked up for the first time after a third of the interval.
    statusSweep: { sweep, interval: statusIntervalMs / 3, maxAge: statusMaxMinutes * 60_000 },
  };
}
