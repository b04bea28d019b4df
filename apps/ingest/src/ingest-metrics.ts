import { ANSWER_BUCKETS, Counter, Gauge, Histogram, type Registry } from '@sluice/observability';
import type { CheckedDelivery, Ingested } from './ingest-webhook.ts';

/** Labels come from configuration and closed lists, never from what a request says. */
export interface IngestMetrics {
  /** Counts one answered webhook, and its deliveries. `seconds`: from its first byte to its answer. */
  record(ingested: Ingested, seconds: number): void;
}

/** @param memoryRatio what Redis uses of its maxmemory; 0 without one, undefined if nobody knows */
export function createIngestMetrics(
  registry: Registry,
  memoryRatio: () => number | undefined,
): IngestMetrics {
  const registers = [registry];
  const webhooks = new Counter({
    name: 'sluice_webhooks_total',
    help: 'Webhooks answered, by source (unknown: of no connection) and result',
    labelNames: ['source', 'result'],
    registers,
  });
  const duration = new Histogram({
    name: 'sluice_webhook_duration_seconds',
    help: 'From the first byte of a webhook to its answer',
    labelNames: ['source'],
    buckets: ANSWER_BUCKETS,
    registers,
  });
  const deliveries = new Counter({
    name: 'sluice_deliveries_total',
    help: 'Deliveries that ingest unpacked, by topic (other: of no event) and result',
    labelNames: ['source', 'topic', 'result'],
    registers,
  });
  const refused = new Counter({
    name: 'sluice_webhooks_refused_total',
    help: 'Webhooks answered with 503, by what there was too little of',
    labelNames: ['reason'],
    registers,
  });
  new Gauge({
    name: 'sluice_redis_memory_ratio',
    help: 'What Redis uses of its maxmemory, when it was last asked; 0 if it has none',
    registers,
    collect() {
      const ratio = memoryRatio();
      if (ratio !== undefined) this.set(ratio);
    },
  });
  return {
    record(ingested, seconds) {
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
