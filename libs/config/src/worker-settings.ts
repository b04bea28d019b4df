import { botpressApiUrl } from './botpress-api-url.ts';
import { connectionsPath } from './connections-path.ts';
import type { Environment } from './environment.ts';
import type { EnvironmentReader } from './environment-reader.ts';
import { host } from './host.ts';
import { type LogSettings, logSettings } from './log-settings.ts';
import { PORTS, upTo } from './ranges.ts';
import { readEnvironment } from './read-environment.ts';
import { type RedisSettings, redisSettings } from './redis-settings.ts';
import { type TracingSettings, tracingSettings } from './tracing-settings.ts';

export interface WorkerSettings {
  readonly redis: RedisSettings;
  readonly log: LogSettings;
  readonly tracing: TracingSettings;
  readonly connectionsPath: string;
  readonly metricsHost: string;
  /** 0 lets the system choose. */
  readonly metricsPort: number;
  /** Deliveries at work at once in this process. */
  readonly concurrency: number;
  /** Where connections without an `apiUrl` of their own send; no slash at its end. */
  readonly botpressApiUrl: string;
  /** How long one call may take. */
  readonly apiTimeoutMs: number;
  /** How long after an attempt began its event must show in listEvents, if there is one. */
  readonly verifyAfterMs: number;
  /** How long after a connection was held its first probe is sent; later ones wait longer. */
  readonly circuitProbeMs: number;
  /** How long a shutdown waits for attempts in flight. */
  readonly drainMs: number;
  /** How often deliveries of crashed workers are looked for. */
  readonly stalledIntervalMs: number;
  /** How many delivered ones Redis keeps, for looking at. */
  readonly keepDelivered: number;
  /** How many days a dead letter is kept, and how many MiB of all together; 0: without an end. */
  readonly deadLetterMaxDays: number;
  readonly deadLetterMaxMib: number;
}

/**
 * Reads what the worker needs.
 *
 * @throws ConfigError with all problems together
 */
export function readWorkerSettings(env: Environment = process.env): WorkerSettings {
  return readEnvironment(env, workerSettings);
}

const MINUTE = 60_000;

function workerSettings(reader: EnvironmentReader): WorkerSettings {
  const settings = {
    redis: redisSettings(reader),
    log: logSettings(reader),
    tracing: tracingSettings(reader),
    connectionsPath: connectionsPath(reader),
    metricsHost: host(reader, 'SLUICE_WORKER_METRICS_HOST'),
    metricsPort: reader.integer('SLUICE_WORKER_METRICS_PORT', { ...PORTS, default: 3003 }),
    concurrency: reader.integer('SLUICE_WORKER_CONCURRENCY', upTo(10_000, 50, 'deliveries')),
    botpressApiUrl: botpressApiUrl(reader),
    apiTimeoutMs: reader.integer('SLUICE_API_TIMEOUT_MS', upTo(5 * MINUTE, 15_000, 'ms')),
    verifyAfterMs: reader.integer('SLUICE_SETTLE_MS', upTo(60 * MINUTE, 70_000, 'ms')),
    circuitProbeMs: reader.integer('SLUICE_HOLD_PROBE_MS', upTo(60 * MINUTE, 30_000, 'ms')),
    drainMs: reader.integer('SLUICE_DRAIN_MS', upTo(10 * MINUTE, 20_000, 'ms')),
    stalledIntervalMs: reader.integer('SLUICE_STALLED_INTERVAL_MS', upTo(10 * MINUTE, 15_000, 'ms')),
    keepDelivered: reader.integer('SLUICE_KEEP_DELIVERED', upTo(10_000_000, 1_000, 'deliveries')),
    deadLetterMaxDays: reader.integer('SLUICE_DEAD_KEEP_DAYS', {
      min: 0,
      max: 3_650,
      default: 30,
      unit: 'days',
    }),
    deadLetterMaxMib: reader.integer('SLUICE_DEAD_MAX_MIB', {
      min: 0,
      max: 1_048_576,
      default: 0,
      unit: 'MiB',
    }),
  };
  // An event whose answer is still waited for would be taken for absent, and sent again.
  if (settings.verifyAfterMs <= settings.apiTimeoutMs) {
    reader.report(
      `SLUICE_SETTLE_MS: ${settings.verifyAfterMs} is not more than SLUICE_API_TIMEOUT_MS (${settings.apiTimeoutMs})  — set it to more`,
    );
  }
  return settings;
}
