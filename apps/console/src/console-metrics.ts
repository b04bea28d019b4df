import { Counter, createMetricsRegistry, type Registry } from '@sluice/observability';

export interface ConsoleMetrics {
  readonly registry: Registry;
  readonly requests: Counter<'route' | 'status'>;
}

/** Makes the metrics of the console, and those of its process. Routes are as they are declared. */
export function createConsoleMetrics(): ConsoleMetrics {
  const registry = createMetricsRegistry();
  const requests = new Counter({
    name: 'sluice_console_requests_total',
    help: 'Requests to the console, by route and status',
    labelNames: ['route', 'status'],
    registers: [registry],
  });
  return { registry, requests };
}
