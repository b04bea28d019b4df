import type { Dashboard } from '../dashboard.ts';

export const overview: Dashboard = {
  uid: 'sluice-overview',
  title: 'Sluice: Overview',
  description: 'Webhooks, events, lag, backlog and alerts of the whole installation.',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          title: 'Webhooks answered in time',
          description:
            'Share of webhooks with a 2xx response within the deadline of their platform, last hour. Objective: 99.9 %. If it falls, see “Refused webhooks (503)” on Delivery.',
          unit: 'percentunit',
          kind: 'stat',
          targets: [{ expr: '1 - sluice:webhook_errors:ratio_rate1h', legend: 'in time' }],
          thresholds: [0.9999, 0.999],
        },
        {
          title: 'Events created within a minute',
          description:
            'Share of events created within 60 s of arrival, last hour, without those that waited for a bot’s limit, a pause or a replay. Objective: 99 %. If it falls, see “Failed attempts by reason” on Delivery.',
          unit: 'percentunit',
          kind: 'stat',
          targets: [{ expr: '1 - sluice:event_errors:ratio_rate1h', legend: 'in time' }],
          thresholds: [0.999, 0.99],
        },
        {
          title: 'Pending deliveries',
          description:
            'Accepted deliveries that are neither delivered nor dead: waiting, active, retried, paced, held. They are safe on disk. The next panel shows whether the backlog shrinks.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: 'sluice:pending', legend: 'pending' }],
        },
        {
          title: 'Time to drain',
          description:
            'Time until the backlog is empty at the current rate. Empty while more arrives than leaves: see on Delivery which bot is at its limit, or start workers if “Oldest waiting delivery” is red.',
          unit: 's',
          kind: 'stat',
          targets: [
            {
              expr: 'sluice:pending == 0 or sluice:drain_seconds',
              legend: 'time to drain',
              emptyWhen: 'the backlog grows',
            },
          ],
        },
        {
          title: 'Oldest waiting delivery',
          description:
            'Age of the oldest delivery that waits for a worker, without those that wait for a bot’s limit. Above 60 s workers are missing or overloaded: start more.',
          unit: 's',
          kind: 'stat',
          targets: [{ expr: 'max(sluice_oldest_waiting_seconds)', legend: 'age' }],
          thresholds: [30, 60],
        },
        {
          title: 'Oldest held delivery',
          description:
            'Age of the oldest delivery in the queue of a held connection. Held deliveries use no attempts, but their events come late: fix the cause shown by `sluice connections paused`, then resume the connection.',
          unit: 's',
          kind: 'stat',
          targets: [{ expr: 'max(sluice_oldest_held_seconds)', legend: 'age' }],
          thresholds: [3600, 43_200],
        },
        {
          title: 'Redis memory',
          description:
            'Share of maxmemory. From 85 % on ingest refuses webhooks: raise maxmemory or drain the queue.',
          unit: 'percentunit',
          kind: 'stat',
          targets: [{ expr: 'max(sluice_redis_memory_ratio)', legend: 'used' }],
          thresholds: [0.6, 0.8],
        },
        {
          title: 'Dead letters',
          description:
            'They are kept until an operator replays or discards them, or until they expire: `sluice dead-letters groups`.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: 'max(sluice_queue_deliveries{state="dead"})', legend: 'dead' }],
        },
        {
          title: 'Ledger difference',
          description:
            '0: accepted = delivered + dead + pending. Any other value is a bug: run `sluice ledger`.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: 'min(sluice_ledger_differences)', legend: 'difference' }],
          thresholds: [1, 1],
        },
        {
          title: 'Active alerts',
          description: 'Pending and firing alerts. docs/runbook.md has a section for each of them.',
          unit: 'short',
          kind: 'list',
          targets: [
            {
              expr: 'sum by (alertname, severity, alertstate) (ALERTS)',
              legend: '{{alertname}}',
              emptyWhen: 'no alert is active',
            },
          ],
        },
        {
          title: 'Held connections',
          description:
            '1: circuit open, because Botpress rejects the token, plan or bot. 2: paused by an operator. Their events wait and use no attempts: `sluice connections paused`.',
          unit: 'short',
          kind: 'list',
          targets: [
            {
              expr: 'max by (connection) (sluice_connection_state) > 0',
              legend: '{{connection}}',
              emptyWhen: 'no connection is held',
            },
          ],
        },
      ],
    },
    {
      title: 'Over time',
      panels: [
        {
          title: 'Webhooks by result',
          description:
            'Webhooks per second. No line at all: check that the platform sends, and that the reverse proxy forwards.',
          unit: 'reqps',
          targets: [
            { expr: 'sum by (result) (rate(sluice_webhooks_total[$__rate_interval]))', legend: '{{result}}' },
          ],
        },
        {
          title: 'Events by outcome',
          description: 'Created events and dead letters per second. Dead letters shows why deliveries fail.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (outcome) (rate(sluice_connection_events_total[$__rate_interval]))',
              legend: '{{outcome}}',
            },
          ],
        },
        {
          title: 'Event lag',
          description:
            'Time from the event at the platform to its creation at Botpress, including waits for limits and retries. If only the 99th percentile rises, one connection is slow: see its Source page.',
          unit: 's',
          targets: [0.5, 0.95, 0.99].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le) (rate(sluice_delivery_lag_seconds_bucket[$__rate_interval])))`,
            legend: `p${quantile * 100}`,
          })),
        },
        {
          title: 'Share of webhooks by connection',
          description: 'The ten busiest connections as a share of all webhooks of the last five minutes.',
          unit: 'percentunit',
          targets: [
            {
              expr: 'topk(10, sum by (connection) (rate(sluice_connection_webhooks_total[$__rate_interval])) / scalar(sum(rate(sluice_connection_webhooks_total[$__rate_interval]))))',
              legend: '{{connection}}',
            },
          ],
        },
      ],
    },
  ],
};
