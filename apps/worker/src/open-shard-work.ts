import type { EventLookup, EventSender } from '@sluice/botpress';
import type { Connections, WorkerSettings } from '@sluice/config';
import { openScheduler, type ReservedJob, type ShardWork } from '@sluice/queue';
import type { HandleCompliance } from './compliance.ts';
import { createDeliverEvent } from './deliver-event.ts';
import type { WorkerHealth } from './health.ts';
import { processDelivery } from './process-delivery.ts';
import { type RecordDependencies, recordAttempt } from './record-attempt.ts';
import { createResultReporter } from './report-result.ts';
import { SlowStart } from './slow-start.ts';
import { traceAttempt } from './tracing.ts';

/** What all shards of a process work with. */
export interface ShardDependencies {
  readonly settings: WorkerSettings;
  /** Milliseconds for which a delivery is a worker's, unless it says that it still is. */
  readonly lockDuration: number;
  readonly connections: () => Connections;
  readonly sender: EventSender;
  readonly finder: EventLookup;
  readonly comply: HandleCompliance;
  readonly health: Pick<WorkerHealth, 'watch'>;
  readonly recording: RecordDependencies;
  readonly onError: (error: Error) => void;
}

/**
 * Opens what works on the deliveries of a shard: its scheduler, and what goes by that.
 *
 * @param prefix of the shard's keys
 */
export function openShardWork(workshop: ShardDependencies, prefix: string): ShardWork {
  const { settings, lockDuration, connections, comply, health, recording, onError } = workshop;
  const { metrics, tracing, logger, now } = recording;
  const recordProgress = health.watch(prefix);
  const scheduler = openScheduler({
    redisUrl: settings.redis.url.reveal(),
    prefix,
    probeAfter: settings.circuitProbeMs,
    lockDuration,
    onError,
  });
  const deliver = createDeliverEvent({
    scheduler: scheduler,
    slowStart: new SlowStart(now),
    reportResult: createResultReporter({ scheduler, logger }),
    sender: workshop.sender,
    lookup: workshop.finder,
    recordLookup: metrics.recordLookup,
    tracing,
    apiUrl: settings.botpressApiUrl,
    verifyAfterMs: settings.verifyAfterMs,
    sendWithinMs: lockDuration - settings.apiTimeoutMs,
    now,
    random: Math.random,
  });
  return {
    async process(taken: ReservedJob) {
      recordProgress();
      const startedAt = now();
      const span = tracing?.start('attempt', { kind: 'consumer', parent: taken.trace });
      const traced = span ? { ...taken, trace: span.traceparent } : taken;
      const attempt = await processDelivery({ comply, deliver, connections: connections() }, traced);
      if (span) traceAttempt(span, attempt);
      await recordAttempt(recording, attempt, startedAt, span);
      span?.end();
      recordProgress();
      return attempt.outcome;
    },
    close: () => scheduler.close(),
  };
}
