import { Counter, Gauge, type Registry } from '@sluice/observability';
import type { Ingested } from './ingest-webhook.ts';

/** What is told of each connection. So many series at most: connections times results that they have had. */
export interface ConnectionMetrics {
  /** `now`: milliseconds since the epoch. */
  record(ingested: Ingested, now: number): void;
}

export function createConnectionMetrics(registry: Registry): ConnectionMetrics {
  const registers = [registry];
  const webhooks = new Counter({
    name: 'sluice_connection_webhooks_total',
    help: 'Webhooks answered, by the connection whose address they came to, and result',
    labelNames: ['connection', 'source', 'result'],
    registers,
  });
  const lastSeen = new Gauge({
    name: 'sluice_connection_last_webhook_timestamp_seconds',
    help: 'When this process last had an authentic webhook of a connection; none since it started, no series',
    labelNames: ['connection', 'source'],
    registers,
  });
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
