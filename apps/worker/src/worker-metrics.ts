import type { FindResult } from '@sluice/botpress';
import { createCounter, createHistogram, type Registry } from '@sluice/observability';
import { attemptReason } from './attempt-reason.ts';
import { createDeliveredMetrics } from './delivered-metrics.ts';
import { EVENT_VERDICTS, type EventVerdict } from './judge-event.ts';
import type { Attempt } from './process-delivery.ts';

/** Labels come from configuration and closed lists, never from what a request says. */
export interface WorkerMetrics {
  /** Counts one attempt. `seconds`: how long it took; `now`: milliseconds since the epoch. */
  record(attempt: Attempt, seconds: number, now: number): void;
  /** Counts how an attempt does by the promise: an event within 60 s. */
  recordVerdict(verdict: EventVerdict): void;
  /** Tells how long a paced delivery waited for its turn. */
  recordPacing(seconds: number): void;
  /** Counts a look for the event of an attempt whose answer was lost. */
  recordLook(result: FindResult['kind']): void;
}

export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  const attempts = createCounter(registry, 'sluice_attempts_total');
  const duration = createHistogram(registry, 'sluice_attempt_duration_seconds');
  const delivered = createDeliveredMetrics(registry);
  const verdicts = createCounter(registry, 'sluice_delivery_verdicts_total');
  // Initialized, because Prometheus sees no increase in a series that begins at 1.
  for (const verdict of EVENT_VERDICTS) verdicts.inc({ verdict }, 0);
  const pacing = createHistogram(registry, 'sluice_pacing_wait_seconds');
  const reconciliations = createCounter(registry, 'sluice_reconciliations_total');
  return {
    recordVerdict: (verdict) => verdicts.inc({ verdict }),
    recordPacing: (seconds) => pacing.observe(seconds),
    recordLook: (result) => reconciliations.inc({ result }),
    record(attempt, seconds, now) {
      const { outcome, delivery, event } = attempt;
      const source = delivery?.source ?? 'unknown';
      attempts.inc({ source, event: event ?? 'none', outcome: outcome.kind, reason: attemptReason(outcome) });
      duration.observe(seconds);
      delivered.record(attempt, now);
    },
  };
}
