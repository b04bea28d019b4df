import { METRIC_CATALOGUE } from './metric-catalogue.ts';
import type { MetricDefinition } from './metric-definition.ts';

const APPS = {
  ingest: 'Ingest listens on `SLUICE_INGEST_METRICS_PORT` (3004).',
  worker: 'Each worker listens on `SLUICE_WORKER_METRICS_PORT` (3003).',
  console: 'The console serves `/metrics` on `SLUICE_CONSOLE_PORT` (3001).',
} as const satisfies Record<MetricDefinition['app'], string>;

const INTRODUCTION = `# Metrics

<!-- Generated from libs/observability/src/metric-catalogue.ts. Run: npm run docs -w libs/observability -->

Ingest, worker and console expose Prometheus metrics at \`/metrics\`, together with the default metrics of their Node.js
process (\`process_*\`, \`nodejs_*\`).

**Across processes** states how to combine several processes of an app. Use \`sum\` for what each process counts itself.
Use \`max\` for what every process reports the same, because it describes the queue, Redis or the connections file. These
gauges keep their last value while Redis is unavailable. With several ingest processes, each series has the label
\`process\`.

Label values come from configuration or closed lists, never from the content of a request.`;

/** Renders docs/reference/metrics.md. */
export function renderMetricsReference(): string {
  const metrics: [string, MetricDefinition][] = Object.entries(METRIC_CATALOGUE);
  const sections = Object.entries(APPS).map(([app, address]) => {
    const rows = metrics.filter(([, metric]) => metric.app === app).map(renderRow);
    return [
      `## ${app.charAt(0).toUpperCase()}${app.slice(1)}`,
      '',
      address,
      '',
      '| Metric | Type | Labels | Across processes | Meaning |',
      '|---|---|---|---|---|',
      ...rows,
    ].join('\n');
  });
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}

function renderRow([name, { type, labels, across, help, buckets }]: [string, MetricDefinition]): string {
  const described = Object.entries(labels).map(([label, meaning]) => `\`${label}\`: ${meaning}`);
  const bounds = buckets ? `. Buckets: ${buckets.join(', ')}` : '';
  return `| \`${name}\` | ${type} | ${described.join('<br>')} | ${across} | ${help}${bounds} |`;
}
