import type { Logger, Span, Tracing } from '@sluice/observability';
import type { DeliveryOutcome } from '@sluice/queue';
import type { Attempt } from './attempt.ts';
import type { AttemptMetrics } from './metrics/attempts.ts';

export interface RecordDependencies {
  readonly logger: Logger;
  readonly metrics: AttemptMetrics;
  /** `undefined` while tracing is off. */
  readonly tracing?: Tracing | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Records an attempt in one wide log line (`delivery.attempted`) and in the metrics.
 *
 * @param startedAt milliseconds since the epoch
 * @param span span of the attempt; its trace id is logged
 */
export function recordAttempt(
  { logger, metrics, now }: RecordDependencies,
  attempt: Attempt,
  startedAt: number,
  span?: Span,
): void {
  const { delivery, event, outcome, attemptsMade } = attempt;
  const endedAt = now();
  metrics.record(attempt, (endedAt - startedAt) / 1000, endedAt);
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
}

function levelOf(outcome: DeliveryOutcome): 'debug' | 'info' | 'warn' | 'error' {
  switch (outcome.kind) {
    case 'delivered':
    case 'erased':
    case 'forwarded':
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
  // The line already has the connection. Its bot and share are configuration.
  if ('lane' in rest) return { ...rest, lane: undefined };
  // The detail of a retried attempt is stored with the delivery. The line has its status and type.
  return kind === 'retry' ? { ...rest, detail: undefined } : rest;
}
