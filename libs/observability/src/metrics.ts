import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { type LabelName, METRIC_CATALOGUE, type MetricName } from './metric-catalogue.ts';

export { Registry } from 'prom-client';
// Types only: metrics are created from the catalogue.
export type { Counter, Gauge };

/**
 * Creates the registry of one process, including the default metrics of the process.
 *
 * @param labels added to every metric
 */
export function createMetricsRegistry(labels: Readonly<Record<string, string>> = {}): Registry {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Registers a counter of the catalogue. `collect` runs before each scrape. */
export function createCounter<N extends MetricName<'counter'>>(
  registry: Registry,
  name: N,
  collect?: (counter: Counter<LabelName<N>>) => void | Promise<void>,
): Counter<LabelName<N>> {
  return new Counter<LabelName<N>>({ ...configOf(registry, name), ...collectWith(collect) });
}

/** Registers a gauge of the catalogue. `collect` runs before each scrape. */
export function createGauge<N extends MetricName<'gauge'>>(
  registry: Registry,
  name: N,
  collect?: (gauge: Gauge<LabelName<N>>) => void | Promise<void>,
): Gauge<LabelName<N>> {
  return new Gauge<LabelName<N>>({ ...configOf(registry, name), ...collectWith(collect) });
}

/** Registers a histogram of the catalogue. */
export function createHistogram<N extends MetricName<'histogram'>>(
  registry: Registry,
  name: N,
): Histogram<LabelName<N>> {
  return new Histogram<LabelName<N>>({
    ...configOf(registry, name),
    buckets: [...METRIC_CATALOGUE[name].buckets],
  });
}

/** Registers a summary of the catalogue: sum and count, without percentiles. */
export function createSummary<N extends MetricName<'summary'>>(
  registry: Registry,
  name: N,
): Summary<LabelName<N>> {
  return new Summary<LabelName<N>>({ ...configOf(registry, name), percentiles: [] });
}

function configOf<N extends keyof typeof METRIC_CATALOGUE>(registry: Registry, name: N) {
  const { help, labels } = METRIC_CATALOGUE[name];
  return { name, help, labelNames: Object.keys(labels) as LabelName<N>[], registers: [registry] };
}

/** prom-client passes the metric as `this`. */
function collectWith<M>(collect: ((metric: M) => void | Promise<void>) | undefined) {
  return collect
    ? {
        collect(this: M) {
          return collect(this);
        },
      }
    : {};
}
