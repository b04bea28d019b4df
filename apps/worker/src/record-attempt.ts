import type { Logger, Span, Tracing } from '@sluice/observability';
import type { DeliveryOutcome } from '@sluice/queue';
import type { AttemptMetrics } from './metrics/attempts.ts';
import type { QueueWaitTracker } from './metrics/verdict.ts';
import { judgeEvent } from './metrics/verdict.ts';
import type { Attempt } from './process-delivery.ts';

export interface RecordDependencies {
  readonly logger: Logger;
  readonly metrics: AttemptMetrics;
  /** There only if it is on. */
  readonly tracing?: Tracing | undefined;
  readonly queueWaits: QueueWaitTracker;
  /** Whether a delivery was dead and has been put back; undefined if Redis does not say. */
  readonly isReplayed: (deliveryId: string) => Promise<boolean | undefined>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Tells of one attempt in one wide log line and in the metrics. It asks Redis only of those that are late. Never
 * rejects.
 *
 * @param startedAt milliseconds since the epoch
 * @param span if it is traced: the line names its trace
 */
export async function recordAttempt(
  { logger, metrics, queueWaits: lanes, isReplayed, now }: RecordDependencies,
  attempt: Attempt,
  startedAt: number,
  span?: Span,
): Promise<void> {
  const { delivery, event, outcome, attemptsMade } = attempt;
  const endedAt = now();
  metrics.record(attempt, (endedAt - startedAt) / 1000, endedAt);
  const { waited } = lanes.track(attempt, startedAt);
  if (waited !== undefined) metrics.recordPacing(waited / 1000);
  logger[levelOf(outcome)](
    {
      delivery: delivery?.id,
      connection: delivery?.connection,
      source: delivery?.source,
      topic: delivery?.topic,
      event,
      attempt: attemptsMade + 1,
      outcome: outcome.kind,
      ...outcomeFields(outcome),
      ms: endedAt - startedAt,
      ...(delivery ? { lagMs: endedAt - (delivery.occurredAt ?? delivery.receivedAt) } : {}),
      ...(span ? { trace: span.traceId } : {}),
    },
    'delivery.attempted',
  );
  const verdict = await judgeEvent({ lanes, isReplayed }, attempt, endedAt);
  if (verdict) metrics.recordVerdict(verdict);
}

function levelOf(outcome: DeliveryOutcome): 'debug' | 'info' | 'warn' | 'error' {
  switch (outcome.kind) {
    case 'delivered':
    case 'erased':
    case 'recorded':
      return 'info';
    case 'paced':
    case 'held':
    case 'verifying':
      return 'debug';
    case 'retry':
    case 'lost':
      return 'warn';
    case 'dead':
      return 'error';
  }
}

function outcomeFields(outcome: DeliveryOutcome): Record<string, unknown> {
  const { kind, ...rest } = outcome;
  // The connection is in the line already, its bot and share are in the configuration.
  if ('lane' in rest) return { ...rest, lane: undefined };
  // What Botpress said of an attempt that is retried is kept with the delivery; the line has status and type.
  return kind === 'retry' ? { ...rest, detail: undefined } : rest;
}
