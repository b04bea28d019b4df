import { Counter, Histogram, LAG_BUCKETS, type Registry, Summary } from '@sluice/observability';
import type { Attempt } from './process-delivery.ts';

/** What is told of deliveries that have come to an end, by source and by connection. */
export interface DeliveredMetrics {
  /** `now`: milliseconds since the epoch. */
  record(attempt: Attempt, now: number): void;
}

export function createDeliveredMetrics(registry: Registry): DeliveredMetrics {
  const registers = [registry];
  const lag = new Histogram({
    name: 'sluice_delivery_lag_seconds',
    help: 'From when it happened (or was received) to its event',
    labelNames: ['source'],
    buckets: LAG_BUCKETS,
    registers,
  });
  const events = new Counter({
    name: 'sluice_connection_events_total',
    help: 'Deliveries of a connection that became an event, or died (unknown: not configured any more)',
    labelNames: ['connection', 'source', 'outcome'],
    registers,
  });
  // A histogram of each connection would be fifteen series of each.
  const connectionLag = new Summary({
    name: 'sluice_connection_lag_seconds',
    help: 'The same as sluice_delivery_lag_seconds of each connection: sum and count only, for its mean',
    labelNames: ['connection', 'source'],
    percentiles: [],
    registers,
  });
  return {
    record({ outcome, delivery }, now) {
      if (!delivery || (outcome.kind !== 'delivered' && outcome.kind !== 'dead')) return;
      const { source } = delivery;
      const isKnown = outcome.kind === 'delivered' || outcome.reason !== 'unknown_connection';
      const connection = isKnown ? delivery.connection : 'unknown';
      events.inc({ connection, source, outcome: outcome.kind });
      if (outcome.kind !== 'delivered') return;
      const since = delivery.occurredAt ?? delivery.receivedAt;
      // A platform's clock may be ahead of ours.
      const seconds = Math.max(0, now - since) / 1000;
      lag.observe({ source }, seconds);
      connectionLag.observe({ connection, source }, seconds);
    },
  };
}
