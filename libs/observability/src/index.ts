export { framesOf } from './frames-of.ts';
export { type Health, type HealthChecks, healthOf, mountHealth, sendHealth } from './health.ts';
export { type ListenAddress, listen } from './listen.ts';
export { createLogger, type Logger, type LogSettings } from './logger.ts';
export {
  ANSWER_BUCKETS,
  Counter,
  createMetricsRegistry,
  Gauge,
  Histogram,
  LAG_BUCKETS,
  Registry,
  Summary,
} from './metrics.ts';
export { createOperationsServer, type MetricsSource, type OperationsOptions } from './operations-server.ts';
export { answerOverseer } from './processes/answer-overseer.ts';
export { type AllProcesses, type InProcessesOptions, inProcesses } from './processes/in-processes.ts';
export { runApp } from './run-app.ts';
export { type ShutdownOptions, shutDownOnSignal } from './shutdown.ts';
export { type TracingOptions, tracingOf } from './tracing/open-tracing.ts';
export type { Attributes, Span, Tracing } from './tracing/tracing.ts';
