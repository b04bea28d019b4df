import type { MetricDefinition } from './metric-definition.ts';
import { WORKSPACE_METRICS } from './workspace-metrics.ts';

/** Seconds, from a fast response to the longest deadline of a platform (10 s). */
const RESPONSE_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Seconds, from 10 ms to a day: a delivery may wait for a bot's limit or for the end of an outage. */
const LAG_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400];

const CONNECTION = 'connection id';
const SOURCE = 'source name';

/**
 * Every metric of ingest, worker and console. Apps create metrics from it by name, and `docs/reference/metrics.md`
 * is generated from it. Names, types and labels are wire: dashboards and alerts depend on them.
 */
export const METRIC_CATALOGUE = {
  sluice_webhooks_total: {
    type: 'counter',
    app: 'ingest',
    help: 'Webhooks answered',
    labels: {
      source: 'source name; `unknown` if no connection matches',
      result:
        '`accepted`, `duplicate`, `ignored`, `quarantined`, `rejected`, `unauthenticated`, `malformed`, `misframed`, `unsupported`, `too_large`, `unavailable`, or `failed` for an unexpected error',
    },
    across: 'sum',
  },
  sluice_webhook_duration_seconds: {
    type: 'histogram',
    app: 'ingest',
    help: 'Time from the first byte of a webhook to its response',
    labels: { source: 'source name; `unknown` if no connection matches' },
    across: 'sum',
    buckets: RESPONSE_BUCKETS,
  },
  sluice_webhook_verdicts_total: {
    type: 'counter',
    app: 'ingest',
    help: 'Webhook responses by service level objective: a 2xx within the deadline of the platform',
    labels: { verdict: '`in_time`, `late`, or `refused` for a 503; 4xx responses are not counted' },
    across: 'sum',
  },
  sluice_webhooks_refused_total: {
    type: 'counter',
    app: 'ingest',
    help: 'Webhooks answered with 503, by exhausted resource',
    labels: {
      reason:
        '`away`, `silent`, `late`, `congested`, `memory`, `backlog`, `error` for Redis; `in_flight`, `in_flight_bytes` for the limits of the process',
    },
    across: 'sum',
  },
  sluice_deliveries_total: {
    type: 'counter',
    app: 'ingest',
    help: 'Deliveries unpacked from verified webhooks',
    labels: {
      source: SOURCE,
      topic: 'topic; `*` for topics that the sender chooses, `other` for ignored deliveries',
      result:
        '`accepted`, `duplicate`, `ignored`, `quarantined`, or the result of a webhook that was not stored (`rejected`, `unavailable`)',
    },
    across: 'sum',
  },
  sluice_deliveries_ignored_total: {
    type: 'counter',
    app: 'ingest',
    help: 'Deliveries ignored by their connection: answered with 200 and not stored',
    labels: {
      connection: CONNECTION,
      source: SOURCE,
      reason: '`topic`: disabled or unknown; `actor`: in `settings.ignoreActors`; `unless`: matches a rule',
    },
    across: 'sum',
  },
  sluice_ingest_refusing: {
    type: 'gauge',
    app: 'ingest',
    help: 'Load shedding: 1 while every webhook gets a 503 for this reason, else 0',
    labels: { reason: '`away`, `silent`, `memory`, `backlog`' },
    across: 'max',
  },
  sluice_redis_memory_ratio: {
    type: 'gauge',
    app: 'ingest',
    help: 'Share of maxmemory that Redis uses, as of the last check; 0 without maxmemory',
    labels: {},
    across: 'max',
  },
  sluice_source_deadline_seconds: {
    type: 'gauge',
    app: 'ingest',
    help: 'Deadline of the platform for the response to a webhook',
    labels: { source: SOURCE },
    across: 'max',
  },
  sluice_connection_webhooks_total: {
    type: 'counter',
    app: 'ingest',
    help: 'Webhooks answered, by connection',
    labels: { connection: CONNECTION, source: SOURCE, result: 'as in `sluice_webhooks_total`' },
    across: 'sum',
  },
  sluice_connection_last_webhook_timestamp_seconds: {
    type: 'gauge',
    app: 'ingest',
    help: 'Time of the last verified webhook of a connection in this process; no series before the first one',
    labels: { connection: CONNECTION, source: SOURCE },
    across: 'max',
  },
  sluice_attempts_total: {
    type: 'counter',
    app: 'worker',
    help: 'Attempts to create an event or to forward a webhook',
    labels: {
      source: 'source name; `unknown` for a delivery that cannot be read',
      event: 'event name; `none` before mapping, `forward` for a forward',
      outcome:
        '`delivered`, `retry`, `paced`, `held`, `settling`, `lost`, `erased`, `recorded`, `forwarded`, `dead`; see states.md',
      reason:
        'reason of a dead letter, HTTP status or class (`429`, `5xx`), `not_sent`, `answer_lost`, `operator`; empty otherwise',
    },
    across: 'sum',
  },
  sluice_attempt_duration_seconds: {
    type: 'histogram',
    app: 'worker',
    help: 'Duration of one attempt',
    labels: {},
    across: 'sum',
    buckets: RESPONSE_BUCKETS,
  },
  sluice_delivery_lag_seconds: {
    type: 'histogram',
    app: 'worker',
    help: 'Time from the occurrence, or else the receipt, of a delivery to its event',
    labels: { source: SOURCE },
    across: 'sum',
    buckets: LAG_BUCKETS,
  },
  sluice_delivery_verdicts_total: {
    type: 'counter',
    app: 'worker',
    help: 'Attempts by service level objective: an event within 60 s of receipt',
    labels: {
      verdict:
        '`in_time`, `late`, `overdue` for no event yet after 60 s, `apart` for a late event that waited for the rate limit, a suspended connection or a replay',
    },
    across: 'sum',
  },
  sluice_pacing_wait_seconds: {
    type: 'histogram',
    app: 'worker',
    help: 'Wait of paced deliveries for a permit',
    labels: {},
    across: 'sum',
    buckets: LAG_BUCKETS,
  },
  sluice_reconciliations_total: {
    type: 'counter',
    app: 'worker',
    help: 'Lookups of the event of an attempt with a lost response',
    labels: { result: '`found`, `absent`, `unknown`, `refused`' },
    across: 'sum',
  },
  sluice_event_links_total: {
    type: 'counter',
    app: 'worker',
    help: 'Events of connections with `link`, by the outcome of the link; all of them were sent',
    labels: {
      source: SOURCE,
      result: '`linked`, `no_tags`, `absent`, `refused`, `unavailable`, `timeout`, `paused`, `rejected`',
    },
    across: 'sum',
  },
  sluice_worker_running: {
    type: 'gauge',
    app: 'worker',
    help: 'Consumption state of the worker: 1 consuming, 0 while Redis is unavailable',
    labels: {},
    across: 'sum',
  },
  sluice_queue_deliveries: {
    type: 'gauge',
    app: 'worker',
    help: 'Deliveries in the queue',
    labels: { state: '`waiting`, `active`, `delayed`, `dead`' },
    across: 'max',
  },
  sluice_oldest_waiting_seconds: {
    type: 'gauge',
    app: 'worker',
    help: 'Age of the oldest delivery that no worker has attempted yet; 0 without one',
    labels: {},
    across: 'max',
  },
  sluice_oldest_held_seconds: {
    type: 'gauge',
    app: 'worker',
    help: 'Age of the oldest delivery in the queue of a held connection; 0 without one',
    labels: {},
    across: 'max',
  },
  sluice_redis_memory_used_bytes: {
    type: 'gauge',
    app: 'worker',
    help: 'Memory in use by Redis',
    labels: {},
    across: 'max',
  },
  sluice_redis_memory_max_bytes: {
    type: 'gauge',
    app: 'worker',
    help: 'Maxmemory of Redis; 0 without a limit',
    labels: {},
    across: 'max',
  },
  sluice_redis_aof_bytes: {
    type: 'gauge',
    app: 'worker',
    help: 'Size of the append-only file of Redis',
    labels: {},
    across: 'max',
  },
  sluice_redis_persistence_ok: {
    type: 'gauge',
    app: 'worker',
    help: 'Persistence checks of Redis: 1 if passed, else 0',
    labels: { check: '`append_only`, `last_write`, `last_rewrite`' },
    across: 'max',
  },
  sluice_connection_state: {
    type: 'gauge',
    app: 'worker',
    help: 'State of a connection: 0 active, 1 circuit open, 2 paused by an operator',
    labels: { connection: CONNECTION },
    across: 'max',
  },
  sluice_connection_limit_events_per_minute: {
    type: 'gauge',
    app: 'worker',
    help: 'Rate limit of the bot of a connection, shared by all connections of the bot',
    labels: { connection: CONNECTION, source: SOURCE, bot: 'bot id' },
    across: 'max',
  },
  ...WORKSPACE_METRICS,
  sluice_connection_events_total: {
    type: 'counter',
    app: 'worker',
    help: 'Deliveries of a connection that were delivered, were forwarded or became dead letters',
    labels: {
      connection: 'connection id; `unknown` if not configured',
      source: SOURCE,
      outcome: '`delivered`, `forwarded`, `dead`',
    },
    across: 'sum',
  },
  sluice_connection_lag_seconds: {
    type: 'summary',
    app: 'worker',
    help: 'Time from occurrence to event by connection, as sum and count only',
    labels: { connection: CONNECTION, source: SOURCE },
    across: 'sum',
  },
  sluice_connection_pending: {
    type: 'gauge',
    app: 'worker',
    help: 'Pending deliveries of a connection',
    labels: {
      connection: 'connection id; `unknown` for all that are not configured',
      source: 'source name or `unknown`',
    },
    across: 'max',
  },
  sluice_connection_dead_letters: {
    type: 'gauge',
    app: 'worker',
    help: 'Dead letters of a connection',
    labels: {
      connection: 'connection id; `unknown` for all that are not configured',
      source: 'source name or `unknown`',
    },
    across: 'max',
  },
  sluice_connection_awaiting_status: {
    type: 'gauge',
    app: 'worker',
    help: 'Created events of a connection without a final status in the bot',
    labels: {
      connection: 'connection id; `unknown` for all that are not configured',
      source: 'source name or `unknown`',
    },
    across: 'max',
  },
  sluice_connection_event_statuses_total: {
    type: 'counter',
    app: 'worker',
    help: 'Created events of a connection by their status in the bot',
    labels: {
      connection: 'connection id; `unknown` if not configured',
      source: 'source name or `unknown`',
      status: '`processed`, `failed`, `ignored`, `unknown` for no final status in time',
    },
    across: 'sum',
  },
  sluice_event_processed_seconds: {
    type: 'histogram',
    app: 'worker',
    help: 'Time from the creation of an event until the sweep reads that the bot processed it',
    labels: { source: SOURCE },
    across: 'sum',
    buckets: LAG_BUCKETS,
  },
  sluice_status_calls_total: {
    type: 'counter',
    app: 'worker',
    help: 'Calls to Botpress that read statuses of events',
    labels: { operation: '`list`, `get`', result: '`ok`, `failed`' },
    across: 'sum',
  },
  sluice_ledger_differences: {
    type: 'gauge',
    app: 'worker',
    help: 'Ledger differences: connections with accepted ≠ delivered + dead + pending; must be 0',
    labels: {},
    across: 'max',
  },
  sluice_dead_letters: {
    type: 'gauge',
    app: 'worker',
    help: 'Dead letters by source, reason and side at fault',
    labels: {
      source: 'source name or `unknown`',
      reason:
        '`invalid_input`, `mapper_threw`, `invalid_event`, `rejected`, `too_large`, `retries_exhausted`, `crashed`, `ambiguous`, `unknown_connection`, `bot_failed`, `bot_ignored`, `forward_rejected`',
      fault: '`sender`, `pipeline`, `destination`',
    },
    across: 'max',
  },
  sluice_oldest_dead_letter_seconds: {
    type: 'gauge',
    app: 'worker',
    help: 'Age of the oldest dead letter of a reason; no series without one',
    labels: { reason: 'as in `sluice_dead_letters`' },
    across: 'max',
  },
  sluice_dead_letters_bytes: {
    type: 'gauge',
    app: 'worker',
    help: 'Memory of Redis in use by dead letters, as of the last retention sweep',
    labels: {},
    across: 'max',
  },
  sluice_dead_letters_expiring: {
    type: 'gauge',
    app: 'worker',
    help: 'Dead letters to be deleted by age within a day, as of the last retention sweep',
    labels: {},
    across: 'max',
  },
  sluice_replays: {
    type: 'gauge',
    app: 'worker',
    help: 'Unfinished replays',
    labels: { state: '`running`, `paused`' },
    across: 'max',
  },
  sluice_replays_total: {
    type: 'counter',
    app: 'worker',
    help: 'Transitions of replays into a state, counted in Redis for all workers',
    labels: { state: '`running`, `paused`, `done`, `cancelled`' },
    across: 'max',
  },
  sluice_replay_deliveries: {
    type: 'gauge',
    app: 'worker',
    help: 'Dead letters of running replays by progress',
    labels: { state: '`waiting`, `on_their_way`, `delivered`, `died`' },
    across: 'max',
  },
  sluice_console_requests_total: {
    type: 'counter',
    app: 'console',
    help: 'Requests to the console',
    labels: { route: 'route as declared, or `none`', status: 'HTTP status' },
    across: 'sum',
  },
} as const satisfies Record<string, MetricDefinition>;

type Catalogue = typeof METRIC_CATALOGUE;

/** Names of the metrics of one type. */
export type MetricName<T extends MetricDefinition['type']> = {
  [N in keyof Catalogue]: Catalogue[N]['type'] extends T ? N : never;
}[keyof Catalogue];

/** Names of the labels of a metric. */
export type LabelName<N extends keyof Catalogue> = keyof Catalogue[N]['labels'] & string;
