import type { FindResult } from '@sluice/botpress';
import { ANSWER_BUCKETS, Counter, Histogram, LAG_BUCKETS, type Registry } from '@sluice/observability';
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
  const registers = [registry];
  const attempts = new Counter({
    name: 'sluice_attempts_total',
    help: 'Attempts to create an event, by outcome and why: how it died, what Botpress answered',
    labelNames: ['source', 'event', 'outcome', 'reason'],
    registers,
  });
  const duration = new Histogram({
    name: 'sluice_attempt_duration_seconds',
    help: 'How long one attempt took',
    buckets: ANSWER_BUCKETS,
    registers,
  });
  const delivered = createDeliveredMetrics(registry);
  const verdicts = new Counter({
    name: 'sluice_delivery_verdicts_total',
    help: 'Attempts by the promise, an event within 60 s of arrival: created in time, late, or overdue; or apart, for it waited for its bot, a hold or a replay',
    labelNames: ['verdict'],
    registers,
  });
  // From the start, or the first that is late would be no increase.
  for (const verdict of EVENT_VERDICTS) verdicts.inc({ verdict }, 0);
  const pacing = new Histogram({
    name: 'sluice_pacing_wait_seconds',
    help: 'How long paced deliveries waited for their turn; of those that this process has seen begin to wait',
    buckets: LAG_BUCKETS,
    registers,
  });
  const reconciliations = new Counter({
    name: 'sluice_reconciliations_total',
    help: 'Looks for the event of an attempt whose answer was lost, by what they came to',
    labelNames: ['result'],
    registers,
  });
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
