import { createCounter, createHistogram, type Registry } from '@sluice/observability';
import type { EnqueueRejectionReason } from '@sluice/queue';
import { createConnectionMetrics } from './connection-metrics.ts';
import { addEdgeGauges, type EdgeState } from './edge-gauges.ts';
import type { NoRoom } from './in-flight.ts';
import type { CheckedDelivery, Ingested } from './ingest-webhook.ts';
import { ANSWER_VERDICTS, judgeAnswer } from './judge-answer.ts';

/** Labels come from configuration and closed lists, never from what a request says. */
export interface IngestMetrics {
  /**
   * Counts one answered webhook, and its deliveries. `seconds`: from its first byte to its answer; `now`:
   * milliseconds since the epoch.
   */
  record(ingested: Ingested, seconds: number, now: number): void;
  /** Counts one that a step failed of which nobody foresaw; it is answered with 503. */
  recordFailure(): void;
}

export function createIngestMetrics(registry: Registry, edge: EdgeState): IngestMetrics {
  const ofConnections = createConnectionMetrics(registry);
  addEdgeGauges(registry, edge);
  const webhooks = createCounter(registry, 'sluice_webhooks_total');
  const duration = createHistogram(registry, 'sluice_webhook_duration_seconds');
  const deliveries = createCounter(registry, 'sluice_deliveries_total');
  const refused = createCounter(registry, 'sluice_webhooks_refused_total');
  for (const reason of REFUSALS) refused.inc({ reason }, 0);
  const verdicts = createCounter(registry, 'sluice_webhook_verdicts_total');
  // From the start, or the first refusal after it would be no increase.
  for (const verdict of ANSWER_VERDICTS) verdicts.inc({ verdict }, 0);
  return {
    recordFailure() {
      webhooks.inc({ source: 'unknown', result: 'failed' });
      verdicts.inc({ verdict: 'refused' });
    },
    record(ingested, seconds, now) {
      ofConnections.record(ingested, now);
      const verdict = judgeAnswer(ingested, seconds);
      if (verdict) verdicts.inc({ verdict });
      const source = ingested.connection?.source.name ?? 'unknown';
      webhooks.inc({ source, result: ingested.result.kind });
      duration.observe({ source }, seconds);
      if (ingested.result.kind === 'unavailable') refused.inc({ reason: ingested.result.reason });
      if (ingested.ignored > 0)
        deliveries.inc({ source, topic: 'other', result: 'ignored' }, ingested.ignored);
      ingested.deliveries.forEach((delivery, index) => {
        deliveries.inc({ source, topic: topicLabel(delivery), result: resultOf(ingested, index) });
      });
    },
  };
}

/** What a webhook may be answered with 503 for. They are told from the start: a first one would be no increase. */
const REFUSALS: readonly (EnqueueRejectionReason | NoRoom)[] = [
  ...['away', 'silent', 'late', 'congested', 'memory', 'backlog', 'error'],
  ...['in_flight', 'in_flight_bytes'],
] as const;

/** The topic as its definition names it, which may be `*`: users' senders make up their own. */
function topicLabel(checked: CheckedDelivery): string {
  const { topic } = checked.delivery;
  const definition = 'event' in checked ? checked.event : checked.compliance;
  return [definition.topic].flat().includes(topic) ? topic : '*';
}

/** One webhook's deliveries may end differently: some new, some duplicates, some quarantined. */
function resultOf({ result, deliveries }: Ingested, index: number): string {
  if (!('deliveries' in result)) return result.kind;
  if (result.deliveries[index]?.duplicate) return 'duplicate';
  return deliveries[index]?.issues.length ? 'quarantined' : 'accepted';
}
