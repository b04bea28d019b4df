export { type ClusterOptions, type ClusterStatus, reportToPrimary, runCluster } from './cluster.ts';
export { type ListenAddress, listen, runApp, type ShutdownOptions, shutDownOnSignal } from './lifecycle.ts';
export { createLogger, type Logger, type LogSettings, stackFrames } from './logger.ts';
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
export {
  createOperationsServer,
  type Health,
  type HealthChecks,
  type MetricsSource,
  mountHealth,
  type OperationsOptions,
  sendHealth,
  toHealth,
} from './operations-server.ts';
export { type Attributes, openTracing, type Span, type Tracing, type TracingOptions } from './tracing.ts';
