import { createCounter, createHistogram, type Registry } from '@sluice/observability';
import type { FinalStatus } from '@sluice/queue';

interface ConnectionLabels {
  readonly connection: string;
  readonly source: string;
}

/** Metrics of the lookup of statuses. Every process counts what it recorded itself. */
export interface StatusMetrics {
  /** @param seconds from the creation of the event until its status was read */
  recordStatus(labels: ConnectionLabels & { readonly status: FinalStatus }, seconds: number): void;
  recordUnknown(labels: ConnectionLabels, count: number): void;
  recordCall(operation: 'list' | 'get', result: 'ok' | 'failed'): void;
}

const STATUSES = ['processed', 'failed', 'ignored', 'unknown'] as const;

export function createStatusMetrics(registry: Registry): StatusMetrics {
  const statuses = createCounter(registry, 'sluice_connection_event_statuses_total');
  const lag = createHistogram(registry, 'sluice_event_processed_seconds');
  const calls = createCounter(registry, 'sluice_status_calls_total');
  const known = new Set<string>();
  // Prometheus sees no increase in a series that starts above 0.
  const initialize = ({ connection, source }: ConnectionLabels) => {
    if (known.has(connection)) return;
    known.add(connection);
    for (const status of STATUSES) statuses.inc({ connection, source, status }, 0);
  };
  return {
    recordStatus({ connection, source, status }, seconds) {
      initialize({ connection, source });
      statuses.inc({ connection, source, status });
      if (status === 'processed') lag.observe({ source }, seconds);
    },
    recordUnknown: (labels, count) => statuses.inc({ ...labels, status: 'unknown' }, count),
    recordCall: (operation, result) => calls.inc({ operation, result }),
  };
}
