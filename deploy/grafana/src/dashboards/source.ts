import type { Dashboard } from '../dashboard.ts';

const FILTER = 'connection="$connection"';

export const source: Dashboard = {
  uid: 'sluice-source',
  title: 'Sluice: Source',
  description: 'Webhooks, events, lag and backlog of one connection.',
  variables: [{ name: 'connection', metric: 'sluice_connection_limit_events_per_minute' }],
  rows: [
    {
      title: '$connection',
      panels: [
        {
          title: 'Time since the last webhook',
          description:
            'Since the last verified webhook of the last week. Longer than usual: check that the platform still has the address and the subscription.',
          unit: 's',
          kind: 'stat',
          targets: [
            {
              expr: `time() - max(max_over_time(sluice_connection_last_webhook_timestamp_seconds{${FILTER}}[7d]))`,
              legend: 'age',
            },
          ],
        },
        {
          title: 'Connection state',
          description:
            '0: active. 1: circuit open, because Botpress rejects the connection: renew its token, plan or bot. 2: paused by an operator: `sluice connections resume`.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: `max(sluice_connection_state{${FILTER}})`, legend: 'state' }],
          thresholds: [1, 1],
        },
        {
          title: 'Pending deliveries',
          description:
            'Deliveries that are neither delivered nor dead. Many, and the connection is active: it exceeds the limit of its bot.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: `max(sluice_connection_pending{${FILTER}})`, legend: 'pending' }],
        },
        {
          title: 'Dead letters',
          description:
            'List them with `sluice dead-letters groups --connection`, and replay them when the cause is fixed.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: `max(sluice_connection_dead_letters{${FILTER}})`, legend: 'dead' }],
          thresholds: [1, 100],
        },
        {
          title: 'Webhooks by result',
          description:
            'unauthenticated: its secret differs from the platform’s. quarantined: its webhooks fail schema validation.',
          unit: 'reqps',
          targets: [
            {
              expr: `sum by (result) (rate(sluice_connection_webhooks_total{${FILTER}}[$__rate_interval]))`,
              legend: '{{result}}',
            },
          ],
        },
        {
          title: 'Ignored deliveries',
          description:
            'topic: disabled or unknown. actor: in settings.ignoreActors. unless: matches a rule of the connection.',
          unit: 'reqps',
          targets: [
            {
              expr: `sum by (reason) (rate(sluice_deliveries_ignored_total{${FILTER}}[$__rate_interval]))`,
              legend: '{{reason}}',
              emptyWhen: 'the connection ignores nothing',
            },
          ],
        },
        {
          title: 'Webhooks compared with usual',
          description:
            'Webhooks per hour, and the lower of the same hour yesterday and a week ago. Far below: check the platform.',
          unit: 'short',
          targets: [
            { expr: `sluice:connection_webhooks:increase1h{${FILTER}}`, legend: 'last hour' },
            {
              expr: `sluice:connection_webhooks:usual1h{${FILTER}}`,
              legend: 'usual',
              emptyWhen: 'there is less than a day of data',
            },
          ],
        },
        {
          title: 'Events by outcome',
          description:
            'Created events and dead letters per second. None although webhooks arrive: check “Connection state”. For dead letters see the Dead letters dashboard.',
          unit: 'reqps',
          targets: [
            {
              expr: `sum by (outcome) (rate(sluice_connection_events_total{${FILTER}}[$__rate_interval]))`,
              legend: '{{outcome}}',
            },
          ],
        },
        {
          title: 'Mean event lag',
          description:
            'Mean time from the event at the platform to its creation at Botpress. High without pending deliveries: the platform sends late.',
          unit: 's',
          targets: [
            {
              expr: `sum(rate(sluice_connection_lag_seconds_sum{${FILTER}}[$__rate_interval])) / sum(rate(sluice_connection_lag_seconds_count{${FILTER}}[$__rate_interval]))`,
              legend: 'mean',
            },
          ],
        },
        {
          title: 'Use of the bot’s limit',
          description:
            'Near 100 % deliveries wait for the limit: ask Botpress for a higher one, use another bot, or disable topics.',
          unit: 'percentunit',
          targets: [
            {
              expr: `60 * sum(rate(sluice_connection_events_total{${FILTER},outcome="delivered"}[1m])) / max(sluice_connection_limit_events_per_minute{${FILTER}})`,
              legend: 'used',
            },
          ],
          thresholds: [0.8, 0.95],
        },
        {
          title: 'Share of duplicates',
          description:
            'Share of webhooks that are duplicates, which create no second event. A high share: the platform does not get responses in time.',
          unit: 'percentunit',
          targets: [
            {
              expr: `sum(rate(sluice_connection_webhooks_total{${FILTER},result="duplicate"}[$__rate_interval])) / sum(rate(sluice_connection_webhooks_total{${FILTER}}[$__rate_interval]))`,
              legend: 'duplicates',
              emptyWhen: 'there are no duplicates',
            },
          ],
        },
      ],
    },
  ],
};
