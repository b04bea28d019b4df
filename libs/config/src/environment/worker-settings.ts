import {
  botpressVariables,
  connectionsVariables,
  type LogSettings,
  logVariables,
  type RedisSettings,
  redisSettings,
  type TracingSettings,
  tracingSettings,
  type WorkspaceSettings,
  workspaceVariables,
} from './shared-settings.ts';
import {
  choice,
  type Environment,
  host,
  integer,
  port,
  readEnvironment,
  type ValuesOf,
} from './variables.ts';

const MINUTE = 60_000;

export const workerVariables = {
  metricsHost: host('SLUICE_WORKER_METRICS_HOST', 'host of metrics and health checks'),
  metricsPort: port('SLUICE_WORKER_METRICS_PORT', 3003, 'port of metrics and health checks'),
  concurrency: integer('SLUICE_WORKER_CONCURRENCY', {
    default: 50,
    max: 10_000,
    unit: 'deliveries',
    description: 'maximum deliveries in progress per worker',
  }),
  apiTimeoutMs: integer('SLUICE_API_TIMEOUT_MS', {
    default: 15_000,
    max: 5 * MINUTE,
    unit: 'ms',
    description: 'timeout of one call to Botpress',
  }),
  verifyAfterMs: integer('SLUICE_SETTLE_MS', {
    default: 70_000,
    max: 60 * MINUTE,
    unit: 'ms',
    description:
      'time after the start of an attempt by which Botpress lists its event, if the response was lost; more than `SLUICE_API_TIMEOUT_MS` and than the 60 s that Botpress may take',
  }),
  circuitProbeMs: integer('SLUICE_HOLD_PROBE_MS', {
    default: 30_000,
    max: 60 * MINUTE,
    unit: 'ms',
    description: 'time until the first probe of a connection whose circuit is open; later probes wait longer',
  }),
  drainMs: integer('SLUICE_DRAIN_MS', {
    default: 20_000,
    max: 10 * MINUTE,
    unit: 'ms',
    description: 'time that a shutdown waits for attempts in progress',
  }),
  stalledIntervalMs: integer('SLUICE_STALLED_INTERVAL_MS', {
    default: 15_000,
    max: 10 * MINUTE,
    unit: 'ms',
    description: 'interval of the check for deliveries of crashed workers',
  }),
  keepDelivered: integer('SLUICE_KEEP_DELIVERED', {
    default: 1_000,
    max: 10_000_000,
    unit: 'deliveries',
    description: 'number of delivered deliveries kept for inspection; each takes its body and about 1 kB',
  }),
  sweepPercent: integer('SLUICE_SWEEP_CALLS_PERCENT', {
    default: 20,
    max: 100,
    unit: 'percent',
    description: 'share of `SLUICE_WORKSPACE_CALLS_PER_SECOND` that sweeps of event statuses may use',
  }),
  statusSweep: choice('SLUICE_STATUS_SWEEP', {
    choices: ['true', 'false'],
    default: 'true',
    description: 'look up whether bots processed their events; `false`: the status of every event is unknown',
  }),
  statusIntervalMs: integer('SLUICE_STATUS_INTERVAL_MS', {
    default: 15_000,
    min: 300,
    max: 10 * MINUTE,
    unit: 'ms',
    description:
      'time between two lookups of the statuses of a bot’s events, which one call per 100 events reads; an event is looked up for the first time after a third of it',
  }),
  statusMaxMinutes: integer('SLUICE_STATUS_MAX_MINUTES', {
    default: 60,
    max: 7 * 24 * 60,
    unit: 'minutes',
    description: 'time after which an event without a final status counts as unknown',
  }),
  keepAwaiting: integer('SLUICE_KEEP_AWAITING', {
    default: 10_000,
    min: 0,
    max: 10_000_000,
    unit: 'deliveries',
    description:
      'number of delivered deliveries kept beyond `SLUICE_KEEP_DELIVERED` until the status of their event is known, so that they can be replayed',
  }),
  deadLetterMaxDays: integer('SLUICE_DEAD_KEEP_DAYS', {
    default: 30,
    min: 0,
    max: 3_650,
    unit: 'days',
    description:
      'retention of dead letters; 0: unlimited. Dead letters in their last day are logged and counted',
  }),
  deadLetterMaxMib: integer('SLUICE_DEAD_MAX_MIB', {
    default: 0,
    min: 0,
    max: 1_048_576,
    unit: 'MiB',
    description:
      'maximum size of all dead letters, beyond which the oldest are deleted; 0: unlimited, so that they may fill Redis until webhooks get 503',
  }),
};

export interface WorkerSettings extends ValuesOf<typeof workerVariables> {
  readonly redis: RedisSettings;
  readonly log: LogSettings;
  readonly tracing: TracingSettings;
  readonly workspace: WorkspaceSettings;
  readonly connectionsPath: string;
  /** Base URL for connections without their own `apiUrl`, without a trailing slash. */
  readonly botpressApiUrl: string;
}

/**
 * Reads the settings of the worker.
 *
 * @throws ConfigError with all problems
 */
export function readWorkerSettings(env: Environment = process.env): WorkerSettings {
  return readEnvironment(env, (reader) => {
    const settings = {
      redis: redisSettings(reader),
      log: reader.read(logVariables),
      tracing: tracingSettings(reader),
      workspace: reader.read(workspaceVariables),
      ...reader.read(connectionsVariables),
      ...reader.read(botpressVariables),
      ...reader.read(workerVariables),
    };
    // The event of a call still in progress would count as absent and be sent twice.
    if (settings.verifyAfterMs <= settings.apiTimeoutMs) {
      reader.report(
        `SLUICE_SETTLE_MS (${settings.verifyAfterMs}) does not exceed SLUICE_API_TIMEOUT_MS (${settings.apiTimeoutMs}). Set it to more.`,
      );
    }
    return settings;
  });
}
