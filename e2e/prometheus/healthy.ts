import { counter, gauge, type Scenario } from './test-rules.ts';

const OF = 'connection="acme",source="shopify"';
const GB = 1024 ** 3;

/** Names of the series that scenarios change. */
export const SERIES = {
  inTime: 'sluice_webhook_verdicts_total{verdict="in_time"}',
  late: 'sluice_webhook_verdicts_total{verdict="late"}',
  refused: 'sluice_webhook_verdicts_total{verdict="refused"}',
  webhooks: `sluice_connection_webhooks_total{${OF},result="accepted"}`,
  strangers: `sluice_connection_webhooks_total{${OF},result="unauthenticated"}`,
  accepted: 'sluice_deliveries_total{source="shopify",topic="orders/create",result="accepted"}',
  eventInTime: 'sluice_delivery_verdicts_total{verdict="in_time"}',
  eventLate: 'sluice_delivery_verdicts_total{verdict="late"}',
  eventOverdue: 'sluice_delivery_verdicts_total{verdict="overdue"}',
  eventApart: 'sluice_delivery_verdicts_total{verdict="apart"}',
  delivered: `sluice_connection_events_total{${OF},outcome="delivered"}`,
  died: `sluice_connection_events_total{${OF},outcome="dead"}`,
  processed: `sluice_connection_event_statuses_total{${OF},status="processed"}`,
  botFailed: `sluice_connection_event_statuses_total{${OF},status="failed"}`,
  attempts: 'sluice_attempts_total{source="shopify",outcome="delivered",reason=""}',
  retries: (reason: string) => `sluice_attempts_total{source="shopify",outcome="retry",reason="${reason}"}`,
  refusing: (reason: string) => `sluice_ingest_refusing{reason="${reason}"}`,
  refusedFor: (reason: string) => `sluice_webhooks_refused_total{reason="${reason}"}`,
  running: (worker: string) => `sluice_worker_running{instance="${worker}"}`,
  waiting: 'sluice_queue_deliveries{state="waiting",instance="w1"}',
  delayed: 'sluice_queue_deliveries{state="delayed",instance="w1"}',
  dead: 'sluice_dead_letters{source="shopify",reason="mapper_threw",fault="pipeline"}',
  expiring: 'sluice_dead_letters_expiring{instance="w1"}',
  oldest: 'sluice_oldest_waiting_seconds{instance="w1"}',
  state: 'sluice_connection_state{connection="acme",instance="w1"}',
  used: 'sluice_redis_memory_used_bytes{instance="w1"}',
  persistence: (check: string) => `sluice_redis_persistence_ok{check="${check}",instance="w1"}`,
  paused: 'sluice_replays{state="paused",instance="w1"}',
  events: (period: string) => `sluice_workspace_events{workspace="w",period="${period}",instance="w1"}`,
  budget: (period: string) =>
    `sluice_workspace_invocation_budget{workspace="w",period="${period}",instance="w1"}`,
  differences: 'sluice_ledger_differences{instance="w1"}',
} as const;

/** A healthy pipeline: two workers, and webhooks that become events immediately. */
export function healthy(perMinute: number | ((minute: number) => number)): Scenario {
  const flow = counter(perMinute);
  return {
    [SERIES.inTime]: flow,
    [SERIES.late]: counter(0),
    [SERIES.refused]: counter(0),
    [SERIES.webhooks]: flow,
    [SERIES.accepted]: flow,
    [SERIES.eventInTime]: flow,
    [SERIES.eventLate]: counter(0),
    [SERIES.eventOverdue]: counter(0),
    [SERIES.eventApart]: counter(0),
    [SERIES.delivered]: flow,
    [SERIES.processed]: flow,
    [SERIES.botFailed]: counter(0),
    [SERIES.attempts]: flow,
    ...Object.fromEntries(
      ['away', 'silent', 'memory', 'backlog'].map((reason) => [SERIES.refusing(reason), gauge(0)]),
    ),
    ...Object.fromEntries(
      ['away', 'silent', 'late', 'memory', 'error', 'congested'].map((reason) => [
        SERIES.refusedFor(reason),
        counter(0),
      ]),
    ),
    [SERIES.running('w1')]: gauge(1),
    [SERIES.running('w2')]: gauge(1),
    [SERIES.waiting]: gauge(0),
    [SERIES.delayed]: gauge(0),
    [SERIES.expiring]: gauge(0),
    [SERIES.oldest]: gauge(0),
    [SERIES.state]: gauge(0),
    [SERIES.used]: gauge(0.1 * GB),
    'sluice_redis_memory_max_bytes{instance="w1"}': gauge(GB),
    [SERIES.persistence('append_only')]: gauge(1),
    [SERIES.persistence('last_write')]: gauge(1),
    [SERIES.paused]: gauge(0),
    [SERIES.events('minute')]: gauge(20),
    [SERIES.events('month')]: gauge(10_000),
    [SERIES.budget('minute')]: gauge(100),
    [SERIES.budget('month')]: gauge(25_000),
    [SERIES.differences]: gauge(0),
  };
}
