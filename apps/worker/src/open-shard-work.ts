import type { EventFinder, EventSender } from '@sluice/botpress';
import type { Connections, WorkerSettings } from '@sluice/config';
import type { Logger } from '@sluice/observability';
import { openGate, type ShardWork, type Taken } from '@sluice/queue';
import type { Comply } from './comply.ts';
import { createDeliverEvent } from './deliver-event.ts';
import { Probation } from './probation.ts';
import { processDelivery } from './process-delivery.ts';
import { recordAttempt } from './record-attempt.ts';
import { createTellGate } from './tell-gate.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** What all shards of a process work with. */
export interface Workshop {
  readonly settings: WorkerSettings;
  /** Milliseconds for which a delivery is a worker's, unless it says that it still is. */
  readonly lockDuration: number;
  readonly connections: () => Connections;
  readonly sender: EventSender;
  readonly finder: EventFinder;
  readonly comply: Comply;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onError: (error: Error) => void;
}

/**
 * Opens what works on the deliveries of a shard: its gate, and what goes by that.
 *
 * @param prefix of the shard's keys
 */
export function openShardWork(workshop: Workshop, prefix: string): ShardWork {
  const { settings, lockDuration, connections, comply, metrics, logger, now, onError } = workshop;
  const gate = openGate({
    redisUrl: settings.redis.url.reveal(),
    prefix,
    probeAfter: settings.holdProbeMs,
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
    apiUrl: settings.botpressApiUrl,
    settleMs: settings.settleMs,
    sendWithinMs: lockDuration - settings.apiTimeoutMs,
    now,
    random: Math.random,
  });
  const recording = { logger, metrics, now };
  return {
    async process(taken: Taken) {
      const startedAt = now();
      const attempt = await processDelivery({ comply, deliver, connections: connections() }, taken);
      recordAttempt(recording, attempt, startedAt);
      return attempt.outcome;
    },
    close: () => gate.close(),
  };
}
