export { stackFrames } from './frames-of.ts';
export { type Health, type HealthChecks, mountHealth, sendHealth, toHealth } from './health.ts';
export { type ListenAddress, listen } from './listen.ts';
export { createLogger, type Logger, type LogSettings } from './logger.ts';
export { METRIC_CATALOGUE } from './metric-catalogue.ts';
export {
  type Counter,
  createCounter,
  createGauge,
  createHistogram,
  createMetricsRegistry,
  createSummary,
  type Gauge,
  Registry,
} from './metrics.ts';
export { createOperationsServer, type MetricsSource, type OperationsOptions } from './operations-server.ts';
export { reportToPrimary } from './processes/answer-overseer.ts';
export { type ClusterOptions, type ClusterStatus, runCluster } from './processes/in-processes.ts';
export { runApp } from './run-app.ts';
export { type ShutdownOptions, shutDownOnSignal } from './shutdown.ts';
export { openTracing, type TracingOptions } from './tracing/open-tracing.ts';
export type { Attributes, Span, Tracing } from './tracing/tracing.ts';
