import type { LookupResult } from '@sluice/botpress';
import {
  createCounter,
  createGauge,
  createHistogram,
  createSummary,
  type Registry,
} from '@sluice/observability';
import type { DeliveryOutcome } from '@sluice/queue';
import type { Attempt } from '../attempt.ts';
import type { LinkOutcome } from '../send-linked.ts';
import { EVENT_VERDICTS, judgeEvent } from './verdict.ts';

/** Metrics of attempts. Label values come from configuration and closed lists, never from a request. */
export interface AttemptMetrics {
  /**
   * Counts an attempt, its verdict on the objective and its wait for the bot's limit.
   *
   * @param seconds duration of the attempt
   * @param now milliseconds since the epoch
   */
  record(attempt: Attempt, seconds: number, now: number): void;
  /** Counts a lookup of the event of an attempt in doubt. */
  recordLookup(result: LookupResult['kind']): void;
  /** Counts an event of a source by the outcome of its link. */
  recordLink(source: string, outcome: LinkOutcome): void;
}

export function createAttemptMetrics(registry: Registry): AttemptMetrics {
  const attempts = createCounter(registry, 'sluice_attempts_total');
  const duration = createHistogram(registry, 'sluice_attempt_duration_seconds');
  const delivered = createDeliveredMetrics(registry);
  const verdicts = createCounter(registry, 'sluice_delivery_verdicts_total');
  // Initialized to 0, because Prometheus sees no increase in a series that starts at 1.
  for (const verdict of EVENT_VERDICTS) verdicts.inc({ verdict }, 0);
  const pacing = createHistogram(registry, 'sluice_pacing_wait_seconds');
  const reconciliations = createCounter(registry, 'sluice_reconciliations_total');
  const links = createCounter(registry, 'sluice_event_links_total');
  return {
    recordLink: (source, result) => links.inc({ source, result }),
    recordLookup: (result) => reconciliations.inc({ result }),
    record(attempt, seconds, now) {
      const { outcome, delivery, event, permit } = attempt;
      const source = delivery?.source ?? 'unknown';
      attempts.inc({
        source,
        event: event ?? 'none',
        outcome: outcomeLabel(outcome),
        reason: attemptReason(outcome),
      });
      duration.observe(seconds);
      delivered.record(attempt, now);
      const verdict = judgeEvent(attempt, now);
      if (verdict) verdicts.inc({ verdict });
      if (permit?.kind === 'granted' && permit.pacedFor !== undefined) pacing.observe(permit.pacedFor / 1000);
    },
  };
}

/** Label values are wire: dashboards of users know `verifying` as `settling`. */
function outcomeLabel({ kind }: DeliveryOutcome): string {
  return kind === 'verifying' ? 'settling' : kind;
}

/** Metrics of deliveries that ended, by source and by connection. */
export interface DeliveredMetrics {
  /** @param now milliseconds since the epoch */
  record(attempt: Attempt, now: number): void;
}

function createDeliveredMetrics(registry: Registry): DeliveredMetrics {
  const lag = createHistogram(registry, 'sluice_delivery_lag_seconds');
  const events = createCounter(registry, 'sluice_connection_events_total');
  // A summary: a histogram would cost fifteen series per connection.
  const connectionLag = createSummary(registry, 'sluice_connection_lag_seconds');
  return {
    record({ outcome, delivery }, now) {
      if (!delivery || !isEnd(outcome)) return;
      const { source } = delivery;
      const isKnown = outcome.kind !== 'dead' || outcome.reason !== 'unknown_connection';
      const connection = isKnown ? delivery.connection : 'unknown';
      events.inc({ connection, source, outcome: outcome.kind });
      if (outcome.kind === 'dead') return;
      const since = delivery.occurredAt ?? delivery.receivedAt;
      // The clock of the platform may be ahead.
      const seconds = Math.max(0, now - since) / 1000;
      if (outcome.kind === 'delivered') lag.observe({ source }, seconds);
      connectionLag.observe({ connection, source }, seconds);
    },
  };
}

const isEnd = (
  outcome: DeliveryOutcome,
): outcome is Extract<DeliveryOutcome, { kind: 'delivered' | 'forwarded' | 'dead' }> =>
  outcome.kind === 'delivered' || outcome.kind === 'forwarded' || outcome.kind === 'dead';

/** Statuses that refuse a token, a plan or a bot. */
const OF_BOT = [401, 402, 403, 404];

/** Temporary refusals that have a separate reason. */
const TEMPORARY = [425, 429];

/**
 * Returns why an attempt created no event, from a closed list: the dead reason, the status of Botpress (`429`, `5xx`, …),
 * `not_sent` if no request left, `answer_lost` if the result is unknown, `operator` for a paused connection. Empty for
 * all other outcomes.
 */
export function attemptReason(outcome: DeliveryOutcome): string {
  switch (outcome.kind) {
    case 'dead':
      return outcome.reason;
    case 'retry':
      return outcome.cause === 'answer_lost' ? 'answer_lost' : statusLabel(outcome.detail?.status, TEMPORARY);
    case 'held':
      return outcome.cause === 'operator' ? 'operator' : statusLabel(outcome.status, OF_BOT);
    case 'verifying':
      return 'answer_lost';
    case 'delivered':
    case 'erased':
    case 'forwarded':
    case 'recorded':
    case 'paced':
    case 'lost':
      return '';
  }
}

/** Returns a listed status itself, and only the class (`5xx`) of any other. */
function statusLabel(status: number | undefined, listed: readonly number[]): string {
  if (status === undefined) return 'not_sent';
  return listed.includes(status) ? String(status) : `${Math.floor(status / 100)}xx`;
}

/** Registers the gauge of whether this process takes deliveries, read at each scrape. */
export function addRunningGauge(registry: Registry, isRunning: () => boolean): void {
  createGauge(registry, 'sluice_worker_running', (gauge) => gauge.set(isRunning() ? 1 : 0));
}
