import {
  connectionsVariables,
  type LogSettings,
  logVariables,
  type RedisSettings,
  redisSettings,
  type TracingSettings,
  tracingSettings,
} from './shared-settings.ts';
import {
  type Environment,
  type EnvironmentReader,
  host,
  integer,
  port,
  readEnvironment,
  type ValuesOf,
} from './variables.ts';

const MINUTE = 60_000;
const MIB = 1024 * 1024;

export const ingestVariables = {
  host: host('SLUICE_INGEST_HOST', 'host that webhooks are received on'),
  port: port('SLUICE_INGEST_PORT', 3000, 'port that webhooks are received on'),
  metricsHost: host('SLUICE_INGEST_METRICS_HOST', 'host of metrics and health checks'),
  metricsPort: port('SLUICE_INGEST_METRICS_PORT', 3004, 'port of metrics and health checks of all processes'),
  processes: integer('SLUICE_INGEST_PROCESSES', {
    default: 1,
    max: 64,
    unit: 'processes',
    description: 'number of processes that share the port; in-flight limits apply to each process',
  }),
  enqueueDeadlineMs: integer('SLUICE_ENQUEUE_DEADLINE_MS', {
    default: 900,
    max: MINUTE,
    unit: 'ms',
    description: 'deadline for storing a webhook; after it the sender gets 503',
  }),
  waitReplicas: integer('SLUICE_WAIT_REPLICAS', {
    default: 0,
    min: 0,
    max: 10,
    unit: 'replicas',
    description: 'number of Redis replicas that must store a delivery before its sender gets 2xx',
  }),
  maxBacklog: integer('SLUICE_MAX_BACKLOG', {
    default: 1_000_000,
    max: 1_000_000_000,
    unit: 'deliveries',
    description: 'maximum pending deliveries; above it webhooks get 503 until there are 5 % fewer',
  }),
  memoryWatermarkPercent: integer('SLUICE_MEMORY_WATERMARK_PERCENT', {
    default: 85,
    max: 100,
    unit: '%',
    description: 'maximum share of Redis maxmemory in use; above it webhooks get 503 until it is 5 % lower',
  }),
  maxInFlight: integer('SLUICE_MAX_IN_FLIGHT', {
    default: 1_000,
    max: 1_000_000,
    unit: 'webhooks',
    description: 'maximum webhooks in progress; more get 503',
  }),
  maxInFlightBytes: integer('SLUICE_MAX_IN_FLIGHT_BYTES', {
    default: 128 * MIB,
    max: 65_536 * MIB,
    unit: 'bytes',
    description: 'maximum bytes of bodies in progress; more get 503',
  }),
  headersTimeoutMs: integer('SLUICE_HEADERS_TIMEOUT_MS', {
    default: 5_000,
    max: 5 * MINUTE,
    unit: 'ms',
    description: 'time to receive the headers of a request; at most `SLUICE_REQUEST_TIMEOUT_MS`',
  }),
  requestTimeoutMs: integer('SLUICE_REQUEST_TIMEOUT_MS', {
    default: 15_000,
    max: 5 * MINUTE,
    unit: 'ms',
    description: 'time to receive a whole request',
  }),
  drainMs: integer('SLUICE_DRAIN_MS', {
    default: 10_000,
    max: 10 * MINUTE,
    unit: 'ms',
    description: 'time that a shutdown waits for webhooks in progress',
  }),
};

export interface IngestSettings extends ValuesOf<typeof ingestVariables> {
  readonly redis: RedisSettings;
  readonly log: LogSettings;
  readonly tracing: TracingSettings;
  readonly connectionsPath: string;
}

/**
 * Reads the settings of ingest.
 *
 * @throws ConfigError with all problems
 */
export function readIngestSettings(env: Environment = process.env): IngestSettings {
  return readEnvironment(env, (reader) => {
    const settings = {
      redis: redisSettings(reader),
      log: reader.read(logVariables),
      tracing: tracingSettings(reader),
      ...reader.read(connectionsVariables),
      ...reader.read(ingestVariables),
    };
    reportContradictions(reader, settings);
    return settings;
  });
}

function reportContradictions(reader: EnvironmentReader, settings: IngestSettings): void {
  const { headersTimeoutMs, requestTimeoutMs, port: webhookPort, metricsPort } = settings;
  // Node.js refuses to start such a server, with a message that names no variable.
  if (headersTimeoutMs > requestTimeoutMs) {
    reader.report(
      `SLUICE_HEADERS_TIMEOUT_MS (${headersTimeoutMs}) exceeds SLUICE_REQUEST_TIMEOUT_MS (${requestTimeoutMs}). Set it to that or less.`,
    );
  }
  if (webhookPort !== 0 && webhookPort === metricsPort) {
    reader.report(
      `SLUICE_INGEST_METRICS_PORT equals SLUICE_INGEST_PORT (${metricsPort}). Set different ports.`,
    );
  }
}
