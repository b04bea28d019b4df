import { connectionsPath } from './connections-path.ts';
import type { Environment } from './environment.ts';
import type { EnvironmentReader } from './environment-reader.ts';
import { host } from './host.ts';
import { type LogSettings, logSettings } from './log-settings.ts';
import { PORTS, upTo } from './ranges.ts';
import { readEnvironment } from './read-environment.ts';
import { type RedisSettings, redisSettings } from './redis-settings.ts';
import { type TracingSettings, tracingSettings } from './tracing-settings.ts';

export interface IngestSettings {
  readonly redis: RedisSettings;
  readonly log: LogSettings;
  readonly tracing: TracingSettings;
  readonly connectionsPath: string;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly metricsHost: string;
  /** Of the first process; each other has the next. */
  readonly metricsPort: number;
  /** That share the port. */
  readonly processes: number;
  /** How long an enqueue may take before the sender gets 503. */
  readonly enqueueDeadlineMs: number;
  /** How many replicas must have a delivery before its sender gets 2xx; 0: the primary's disk is enough. */
  readonly waitReplicas: number;
  /** Deliveries not yet ended in the queue; with more in it, webhooks get 503. */
  readonly maxBacklog: number;
  /** Of Redis' maxmemory; with more in use, webhooks get 503. */
  readonly memoryWatermarkPercent: number;
  /** Webhooks at work at once; more get 503. */
  readonly maxInFlight: number;
  /** Bytes of bodies at work at once; more get 503. */
  readonly maxInFlightBytes: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** How long a shutdown waits for what was accepted. */
  readonly drainMs: number;
}

/**
 * Reads what ingest needs.
 *
 * @throws ConfigError with all problems together
 */
export function readIngestSettings(env: Environment = process.env): IngestSettings {
  return readEnvironment(env, ingestSettings);
}

const MINUTE = 60_000;
const MIB = 1024 * 1024;

function ingestSettings(reader: EnvironmentReader): IngestSettings {
  const settings = {
    redis: redisSettings(reader),
    log: logSettings(reader),
    tracing: tracingSettings(reader),
    connectionsPath: connectionsPath(reader),
    host: host(reader, 'SLUICE_INGEST_HOST'),
    port: reader.integer('SLUICE_INGEST_PORT', { ...PORTS, default: 3000 }),
    metricsHost: host(reader, 'SLUICE_INGEST_METRICS_HOST'),
    metricsPort: reader.integer('SLUICE_INGEST_METRICS_PORT', { ...PORTS, default: 3004 }),
    processes: reader.integer('SLUICE_INGEST_PROCESSES', upTo(64, 1, 'processes')),
    enqueueDeadlineMs: reader.integer('SLUICE_ENQUEUE_DEADLINE_MS', upTo(MINUTE, 900, 'ms')),
    waitReplicas: reader.integer('SLUICE_WAIT_REPLICAS', { min: 0, max: 10, default: 0, unit: 'replicas' }),
    maxBacklog: reader.integer('SLUICE_MAX_BACKLOG', upTo(1_000_000_000, 1_000_000, 'deliveries')),
    memoryWatermarkPercent: reader.integer('SLUICE_MEMORY_WATERMARK_PERCENT', upTo(100, 85, '%')),
    maxInFlight: reader.integer('SLUICE_MAX_IN_FLIGHT', upTo(1_000_000, 1_000, 'webhooks')),
    maxInFlightBytes: reader.integer('SLUICE_MAX_IN_FLIGHT_BYTES', upTo(65_536 * MIB, 128 * MIB, 'bytes')),
    headersTimeoutMs: reader.integer('SLUICE_HEADERS_TIMEOUT_MS', upTo(5 * MINUTE, 5_000, 'ms')),
    requestTimeoutMs: reader.integer('SLUICE_REQUEST_TIMEOUT_MS', upTo(5 * MINUTE, 15_000, 'ms')),
    drainMs: reader.integer('SLUICE_DRAIN_MS', upTo(10 * MINUTE, 10_000, 'ms')),
  };
  reportContradictions(reader, settings);
  return settings;
}

function reportContradictions(reader: EnvironmentReader, settings: IngestSettings): void {
  // Node refuses to start such a server, with a message that names no variable.
  if (settings.headersTimeoutMs > settings.requestTimeoutMs) {
    reader.report(
      `SLUICE_HEADERS_TIMEOUT_MS: ${settings.headersTimeoutMs} is more than SLUICE_REQUEST_TIMEOUT_MS (${settings.requestTimeoutMs})  — set it to that or less`,
    );
  }
  if (settings.port !== 0 && settings.port === settings.metricsPort) {
    reader.report(
      `SLUICE_INGEST_METRICS_PORT: ${settings.metricsPort} is SLUICE_INGEST_PORT as well  — set them to different ports`,
    );
  }
}
