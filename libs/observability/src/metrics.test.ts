import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { METRIC_CATALOGUE } from './metric-catalogue.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { createCounter, createGauge, createHistogram, createSummary, Registry } from './metrics.ts';
import { renderMetricsReference } from './metrics-reference.ts';

const catalogue: [string, MetricDefinition][] = Object.entries(METRIC_CATALOGUE);

test('registers metrics with the type, help, labels and buckets of the catalogue', async () => {
  const registry = new Registry();
  createCounter(registry, 'sluice_webhooks_total').inc({ source: 'shopify', result: 'accepted' }, 2);
  createGauge(registry, 'sluice_worker_running', (gauge) => gauge.set(1));
  createHistogram(registry, 'sluice_pacing_wait_seconds').observe(0.02);
  createSummary(registry, 'sluice_connection_lag_seconds').observe(
    { connection: 'acme', source: 'shopify' },
    3,
  );
  const text = await registry.metrics();
  expect(text).toContain(
    '# HELP sluice_webhooks_total Webhooks answered\n# TYPE sluice_webhooks_total counter\nsluice_webhooks_total{source="shopify",result="accepted"} 2',
  );
  expect(text).toContain('sluice_worker_running 1');
  expect(text).toContain('sluice_pacing_wait_seconds_bucket{le="0.05"} 1');
  expect(text).toContain('sluice_connection_lag_seconds_sum{connection="acme",source="shopify"} 3');
});

test.each(catalogue)('%s follows the naming conventions of Prometheus', (name, metric) => {
  expect(name).toMatch(/^sluice_[a-z_]+$/);
  expect(name.endsWith('_total')).toBe(metric.type === 'counter');
  expect(metric.buckets !== undefined).toBe(metric.type === 'histogram');
  expect(metric.help).not.toMatch(/\.$/);
});

test('docs/reference/metrics.md is up to date (npm run docs -w libs/observability)', () => {
  const committed = readFileSync(new URL('../../../docs/reference/metrics.md', import.meta.url), 'utf8');
  expect(committed).toBe(renderMetricsReference());
});
