import { type Counter, createCounter, createMetricsRegistry, type Registry } from '@sluice/observability';

export interface ConsoleMetrics {
  readonly registry: Registry;
  readonly requests: Counter<'route' | 'status'>;
}

/** Makes the metrics of the console, and those of its process. Routes are as they are declared. */
export function createConsoleMetrics(): ConsoleMetrics {
  const registry = createMetricsRegistry();
  return { registry, requests: createCounter(registry, 'sluice_console_requests_total') };
}
