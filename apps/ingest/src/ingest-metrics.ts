import type { Connections } from '@sluice/config';
import { DEFAULT_ANSWER_WITHIN } from '@sluice/events';
import { createCounter, createGauge, createHistogram, type Registry } from '@sluice/observability';
import type { EnqueueRejectionReason, Producers } from '@sluice/queue';
import type { InFlightLimit } from './in-flight.ts';
import type { Ingested, ValidatedDelivery } from './ingest-webhook.ts';

export interface IngestMetrics {
  /**
   * Counts an answered webhook and its deliveries.
   *
   * @param seconds from the first byte to the response
   * @param now milliseconds since the epoch
   */
  record(ingested: Ingested, seconds: number, now: number): void;
  /** Counts a webhook that failed with an unexpected error and got a 503. */
  recordFailure(): void;
}

/** What the gauges read at each scrape. */
export interface IngestState extends Pick<Producers, 'memoryRatio' | 'refusal'> {
  readonly connections: () => Connections;
}

const REFUSAL_REASONS: readonly (EnqueueRejectionReason | InFlightLimit)[] = [
  ...['away', 'silent', 'late', 'congested', 'memory', 'backlog', 'error'],
  ...['in_flight', 'in_flight_bytes'],
] as const;

/** Reasons that last; the others concern a single enqueue. */
const LASTING_REASONS = [
  'away',
  'silent',
  'memory',
  'backlog',
] as const satisfies readonly EnqueueRejectionReason[];

const VERDICTS = ['in_time', 'late', 'refused'] as const;

/** Registers the metrics of ingest. */
export function createIngestMetrics(registry: Registry, state: IngestState): IngestMetrics {
  createStateGauges(registry, state);
  const recordConnection = createConnectionMetrics(registry);
  const webhooks = createCounter(registry, 'sluice_webhooks_total');
  const duration = createHistogram(registry, 'sluice_webhook_duration_seconds');
  const deliveries = createCounter(registry, 'sluice_deliveries_total');
  const refused = createCounter(registry, 'sluice_webhooks_refused_total');
  const verdicts = createCounter(registry, 'sluice_webhook_verdicts_total');
  // Initialized, because Prometheus sees no increase in a series that begins at 1.
  for (const reason of REFUSAL_REASONS) refused.inc({ reason }, 0);
  for (const verdict of VERDICTS) verdicts.inc({ verdict }, 0);
  return {
    recordFailure() {
      webhooks.inc({ source: 'unknown', result: 'failed' });
      verdicts.inc({ verdict: 'refused' });
    },
    record(ingested, seconds, now) {
      recordConnection(ingested, now);
      const verdict = verdictOf(ingested, seconds);
      if (verdict) verdicts.inc({ verdict });
      const source = ingested.connection?.source.name ?? 'unknown';
      webhooks.inc({ source, result: ingested.result.kind });
      duration.observe({ source }, seconds);
      if (ingested.result.kind === 'unavailable') refused.inc({ reason: ingested.result.reason });
      if (ingested.ignored > 0)
        deliveries.inc({ source, topic: 'other', result: 'ignored' }, ingested.ignored);
      ingested.deliveries.forEach((delivery, index) => {
        deliveries.inc({ source, topic: topicLabel(delivery), result: resultLabel(ingested, index) });
      });
    },
  };
}

function createStateGauges(registry: Registry, { memoryRatio, refusal, connections }: IngestState): void {
  createGauge(registry, 'sluice_redis_memory_ratio', (gauge) => {
    const ratio = memoryRatio();
    if (ratio !== undefined) gauge.set(ratio);
  });
  createGauge(registry, 'sluice_ingest_refusing', (gauge) => {
    const current = refusal()?.reason;
    for (const reason of LASTING_REASONS) gauge.set({ reason }, reason === current ? 1 : 0);
  });
  createGauge(registry, 'sluice_source_deadline_seconds', (gauge) => {
    gauge.reset();
    for (const { source } of connections().all()) {
      gauge.set({ source: source.name }, (source.answerWithin ?? DEFAULT_ANSWER_WITHIN) / 1000);
    }
  });
}

/** Series: at most the number of connections times the number of results. */
function createConnectionMetrics(registry: Registry): (ingested: Ingested, now: number) => void {
  const webhooks = createCounter(registry, 'sluice_connection_webhooks_total');
  const ignoredDeliveries = createCounter(registry, 'sluice_deliveries_ignored_total');
  const lastWebhook = createGauge(registry, 'sluice_connection_last_webhook_timestamp_seconds');
  return ({ result, connection, deliveries, ignored, ignoredBy }, now) => {
    if (!connection) return;
    const labels = { connection: connection.id, source: connection.source.name };
    webhooks.inc({ ...labels, result: result.kind });
    for (const [reason, count] of Object.entries(ignoredBy)) {
      ignoredDeliveries.inc({ ...labels, reason }, count);
    }
    // Unverified requests do not show that the platform still sends webhooks.
    const isVerified = deliveries.length > 0 || ignored > 0 || result.kind === 'ignored';
    if (isVerified) lastWebhook.set(labels, now / 1000);
  };
}

/**
 * Returns the verdict of the service level objective, a 2xx within the deadline of the platform; undefined for 4xx,
 * so that unverified senders cannot spend the error budget.
 */
function verdictOf({ result, connection }: Ingested, seconds: number): (typeof VERDICTS)[number] | undefined {
  switch (result.kind) {
    case 'accepted':
    case 'duplicate':
    case 'ignored':
    case 'quarantined': {
      const deadline = connection?.source.answerWithin ?? DEFAULT_ANSWER_WITHIN;
      return seconds * 1000 <= deadline ? 'in_time' : 'late';
    }
    case 'unavailable':
      return 'refused';
    case 'rejected':
    case 'unauthenticated':
    case 'malformed':
    case 'misframed':
    case 'unsupported':
    case 'too_large':
      return undefined;
  }
}

/** Returns the topic if its definition lists it, and `*` for a wildcard: senders choose those topics freely. */
function topicLabel(validated: ValidatedDelivery): string {
  const { topic } = validated.delivery;
  const definition = 'event' in validated ? validated.event : validated.compliance;
  return [definition.topic].flat().includes(topic) ? topic : '*';
}

/** Returns the result of one delivery: the deliveries of a webhook may have different results. */
function resultLabel({ result, deliveries }: Ingested, index: number): string {
  if (!('deliveries' in result)) return result.kind;
  if (result.deliveries[index]?.duplicate) return 'duplicate';
  return deliveries[index]?.issues.length ? 'quarantined' : 'accepted';
}
