import { createCounter, createHistogram, createSummary, type Registry } from '@sluice/observability';
import type { Attempt } from './process-delivery.ts';

/** What is told of deliveries that have come to an end, by source and by connection. */
export interface DeliveredMetrics {
  /** `now`: milliseconds since the epoch. */
  record(attempt: Attempt, now: number): void;
}

export function createDeliveredMetrics(registry: Registry): DeliveredMetrics {
  const lag = createHistogram(registry, 'sluice_delivery_lag_seconds');
  const events = createCounter(registry, 'sluice_connection_events_total');
  // A histogram would cost fifteen series per connection.
  const connectionLag = createSummary(registry, 'sluice_connection_lag_seconds');
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
