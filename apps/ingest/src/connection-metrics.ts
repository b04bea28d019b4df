import { createCounter, createGauge, type Registry } from '@sluice/observability';
import type { Ingested } from './ingest-webhook.ts';

/** What is told of each connection. So many series at most: connections times results that they have had. */
export interface ConnectionMetrics {
  /** `now`: milliseconds since the epoch. */
  record(ingested: Ingested, now: number): void;
}

export function createConnectionMetrics(registry: Registry): ConnectionMetrics {
  const webhooks = createCounter(registry, 'sluice_connection_webhooks_total');
  const lastSeen = createGauge(registry, 'sluice_connection_last_webhook_timestamp_seconds');
  return {
    record({ result, connection, deliveries, ignored }, now) {
      if (!connection) return;
      const labels = { connection: connection.id, source: connection.source.name };
      webhooks.inc({ ...labels, result: result.kind });
      // A stranger may post to the address as often as it likes, and the shop be silent.
      const isAuthentic = deliveries.length > 0 || ignored > 0 || result.kind === 'ignored';
      if (isAuthentic) lastSeen.set(labels, now / 1000);
    },
  };
}
