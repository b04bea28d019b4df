import type {
  ApiFacts,
  BotTarget,
  EventLinker,
  EventLookup,
  EventSender,
  WebhookForwarder,
} from '@sluice/botpress';
import type { Connections, WorkerSettings } from '@sluice/config';
import { openScheduler, type ReservedJob, type ShardWork, type WorkspaceLimits } from '@sluice/queue';
import type { HandleCompliance } from './compliance.ts';
import { CreatedEvents } from './created-events.ts';
import { createDeliverEvent } from './deliver-event.ts';
import { createDeliverForward } from './deliver-forward.ts';
import type { WorkerHealth } from './health.ts';
import { processDelivery } from './process-delivery.ts';
import { type RecordDependencies, recordAttempt } from './record-attempt.ts';
import { createResultReporter } from './report-result.ts';
import { createLinkRecorder } from './send-linked.ts';
import { SlowStart } from './slow-start.ts';
import { traceAttempt } from './tracing.ts';

/** Dependencies that all shards of a process share. */
export interface ShardDependencies {
  readonly settings: WorkerSettings;
  /** Milliseconds for which a reserved job belongs to this worker without a renewal. */
  readonly lockDuration: number;
  readonly connections: () => Connections;
  readonly sender: EventSender;
  readonly lookup: EventLookup;
  readonly readFacts: (target: BotTarget) => Promise<ApiFacts | undefined>;
  readonly forwarder: Pick<WebhookForwarder, 'forward'>;
  readonly linker: EventLinker;
  readonly comply: HandleCompliance;
  readonly health: Pick<WorkerHealth, 'watch'>;
  readonly recording: RecordDependencies;
  readonly limits: WorkspaceLimits;
  readonly onError: (error: Error) => void;
}

/**
 * Opens the scheduler of a shard and returns what processes its deliveries.
 *
 * @param prefix key prefix of the shard
 */
export function openShardWork(dependencies: ShardDependencies, prefix: string): ShardWork {
  const { settings, lockDuration, connections, comply, health, recording, onError } = dependencies;
  const { metrics, tracing, logger, now } = recording;
  const recordProgress = health.watch(prefix);
  const scheduler = openScheduler({
    redisUrl: settings.redis.url.reveal(),
    prefix,
    probeAfter: settings.circuitProbeMs,
    lockDuration,
    onError,
  });
  const shared = {
    scheduler,
    slowStart: new SlowStart(now),
    tracing,
    sendWithinMs: lockDuration - settings.apiTimeoutMs,
    now,
    random: Math.random,
  };
  const forward = createDeliverForward({ ...shared, forwarder: dependencies.forwarder, logger });
  const deliver = createDeliverEvent({
    ...shared,
    reportResult: createResultReporter({ scheduler, logger }),
    sender: dependencies.sender,
    lookup: dependencies.lookup,
    readFacts: dependencies.readFacts,
    linker: dependencies.linker,
    recordLink: createLinkRecorder({ logger, count: metrics.recordLink }),
    recordLookup: metrics.recordLookup,
    windowOf: (botId) => dependencies.limits.windowOf(botId, prefix),
    apiUrl: settings.botpressApiUrl,
    verifyAfterMs: settings.verifyAfterMs,
    createdEvents: new CreatedEvents(settings.verifyAfterMs),
    sendWithinMs: lockDuration - settings.apiTimeoutMs,
    now,
    random: Math.random,
  });
  return {
    async process(job: ReservedJob) {
      recordProgress();
      const startedAt = now();
      const span = tracing?.start('attempt', { kind: 'consumer', parent: job.trace });
      const traced = span ? { ...job, trace: span.traceparent } : job;
      const attempt = await processDelivery({ comply, deliver, forward, connections: connections() }, traced);
      if (span) traceAttempt(span, attempt);
      recordAttempt(recording, attempt, startedAt, span);
      span?.end();
      recordProgress();
      return attempt.outcome;
    },
    close: () => scheduler.close(),
  };
}
