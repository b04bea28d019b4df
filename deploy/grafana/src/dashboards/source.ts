import type { Dashboard } from '../dashboard.ts';

const OF = 'connection="$connection"';

export const source: Dashboard = {
  uid: 'sluice-source',
  title: 'Sluice: Source',
  description: 'One connection: does it send, do its events arrive, what of it is stuck?',
  variables: [{ name: 'connection', metric: 'sluice_connection_limit_events_per_minute' }],
  rows: [
    {
      title: '$connection',
      panels: [
        {
          title: 'When was it last heard of?',
          description:
            'Since its last authentic webhook, of the last week. Longer than usual: does the platform still have the address, is its subscription still there?',
          unit: 's',
          kind: 'stat',
          targets: [
            {
              expr: `time() - max(max_over_time(sluice_connection_last_webhook_timestamp_seconds{${OF}}[7d]))`,
              legend: 'ago',
            },
          ],
        },
        {
          title: 'Is it held?',
          description:
            '0 no; 1 Botpress refuses it: renew its token, plan or bot; 2 an operator holds it: sluice connections resume.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: `max(sluice_connection_state{${OF}})`, legend: 'state' }],
          thresholds: [1, 1],
        },
        {
          title: 'How much of it is pending?',
          description:
            'Deliveries that are neither delivered nor dead. Much, and not held: it is above the limit of its bot.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: `max(sluice_connection_pending{${OF}})`, legend: 'pending' }],
        },
        {
          title: 'How many of its deliveries are dead?',
          description: 'sluice dead-letters groups --connection, and replay when the cause is gone.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: `max(sluice_connection_dead_letters{${OF}})`, legend: 'dead' }],
          thresholds: [1, 100],
        },
        {
          title: 'Does it send, and what is it answered?',
          description:
            'unauthenticated: its secret is another than the platform’s. quarantined: it sends what the event’s schema does not take.',
          unit: 'reqps',
          targets: [
            {
              expr: `sum by (result) (rate(sluice_connection_webhooks_total{${OF}}[$__rate_interval]))`,
              legend: '{{result}}',
            },
          ],
        },
        {
          title: 'Is it as busy as usual?',
          description:
            'Webhooks in an hour, beside the lesser of the same hour yesterday and a week ago. Far below: ask the platform.',
          unit: 'short',
          targets: [
            { expr: `sluice:connection_webhooks:increase1h{${OF}}`, legend: 'this hour' },
            {
              expr: `sluice:connection_webhooks:usual1h{${OF}}`,
              legend: 'usual',
              mayBeEmpty: 'it needs a day of the past',
            },
          ],
        },
        {
          title: 'Do its events reach the bot?',
          description:
            'Events created a second, and deliveries that died. None, though it sends: is it held? Its dead: Dead letters.',
          unit: 'reqps',
          targets: [
            {
              expr: `sum by (outcome) (rate(sluice_connection_events_total{${OF}}[$__rate_interval]))`,
              legend: '{{outcome}}',
            },
          ],
        },
        {
          title: 'How long do its events take?',
          description:
            'The mean from when it happened to its event. Long, and nothing pending: the platform tells late.',
          unit: 's',
          targets: [
            {
              expr: `sum(rate(sluice_connection_lag_seconds_sum{${OF}}[$__rate_interval])) / sum(rate(sluice_connection_lag_seconds_count{${OF}}[$__rate_interval]))`,
              legend: 'mean',
            },
          ],
        },
        {
          title: 'How much of its bot’s limit does it use?',
          description:
            'Near 100 % its deliveries wait in line: ask Botpress for more, give it another bot, or leave topics out.',
          unit: 'percentunit',
          targets: [
            {
              expr: `60 * sum(rate(sluice_connection_events_total{${OF},outcome="delivered"}[1m])) / max(sluice_connection_limit_events_per_minute{${OF}})`,
              legend: 'used',
            },
          ],
          thresholds: [0.8, 0.95],
        },
        {
          title: 'How much does it send twice?',
          description:
            'Part of its webhooks that are duplicates. They become no second event; much of it means that the platform does not like its answers.',
          unit: 'percentunit',
          targets: [
            {
              expr: `sum(rate(sluice_connection_webhooks_total{${OF},result="duplicate"}[$__rate_interval])) / sum(rate(sluice_connection_webhooks_total{${OF}}[$__rate_interval]))`,
              legend: 'duplicates',
              mayBeEmpty: 'it sends nothing twice',
            },
          ],
        },
      ],
    },
  ],
};
