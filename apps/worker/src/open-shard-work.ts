import type { EventFinder, EventSender } from '@sluice/botpress';
import type { Connections, WorkerSettings } from '@sluice/config';
import { openScheduler, type ReservedJob, type ShardWork } from '@sluice/queue';
import type { Comply } from './comply.ts';
import { createDeliverEvent } from './deliver-event.ts';
import { Probation } from './probation.ts';
import { processDelivery } from './process-delivery.ts';
import { type Recording, recordAttempt } from './record-attempt.ts';
import { createTellGate } from './tell-gate.ts';
import { traceAttempt } from './trace-attempt.ts';
import type { WorkerHealth } from './worker-health.ts';

/** What all shards of a process work with. */
export interface Workshop {
  readonly settings: WorkerSettings;
  /** Milliseconds for which a delivery is a worker's, unless it says that it still is. */
  readonly lockDuration: number;
  readonly connections: () => Connections;
  readonly sender: EventSender;
  readonly finder: EventFinder;
  readonly comply: Comply;
  readonly health: Pick<WorkerHealth, 'watch'>;
  readonly recording: Recording;
  readonly onError: (error: Error) => void;
}

/**
 * Opens what works on the deliveries of a shard: its gate, and what goes by that.
 *
 * @param prefix of the shard's keys
 */
export function openShardWork(workshop: Workshop, prefix: string): ShardWork {
  const { settings, lockDuration, connections, comply, health, recording, onError } = workshop;
  const { metrics, tracing, logger, now } = recording;
  const noteProgress = health.watch(prefix);
  const gate = openScheduler({
    redisUrl: settings.redis.url.reveal(),
    prefix,
    probeAfter: settings.circuitProbeMs,
    lockDuration,
    onError,
  });
  const deliver = createDeliverEvent({
    gate,
    probation: new Probation(now),
    tellGate: createTellGate({ gate, logger }),
    sender: workshop.sender,
    finder: workshop.finder,
    recordLook: metrics.recordLook,
    tracing,
    apiUrl: settings.botpressApiUrl,
    settleMs: settings.verifyAfterMs,
    sendWithinMs: lockDuration - settings.apiTimeoutMs,
    now,
    random: Math.random,
  });
  return {
    async process(taken: ReservedJob) {
      noteProgress();
      const startedAt = now();
      const span = tracing?.start('attempt', { kind: 'consumer', parent: taken.trace });
      const traced = span ? { ...taken, trace: span.traceparent } : taken;
      const attempt = await processDelivery({ comply, deliver, connections: connections() }, traced);
      if (span) traceAttempt(span, attempt);
      await recordAttempt(recording, attempt, startedAt, span);
      span?.end();
      noteProgress();
      return attempt.outcome;
    },
    close: () => gate.close(),
  };
}
