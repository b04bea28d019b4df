import type { Dashboard } from '../dashboard.ts';

export const delivery: Dashboard = {
  uid: 'sluice-delivery',
  title: 'Sluice: Delivery',
  description: 'From the answer to the platform to the event: attempts, errors, pacing, lag.',
  rows: [
    {
      title: 'At the edge',
      panels: [
        {
          title: 'How close are answers to the deadline?',
          description:
            'The 99th percentile of answers, and what the platforms of each source allow. Past it they send again, and at last give up. It is Redis’ disk, mostly.',
          unit: 's',
          targets: [
            {
              expr: 'histogram_quantile(0.99, sum by (source, le) (rate(sluice_webhook_duration_seconds_bucket[$__rate_interval])))',
              legend: '{{source}}',
            },
            { expr: 'max by (source) (sluice_source_deadline_seconds)', legend: 'deadline of {{source}}' },
          ],
        },
        {
          title: 'Why are webhooks rejected?',
          description:
            'What the sender got wrong (4xx). unauthenticated with a source: a secret is wrong; without one (unknown): strangers.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (source, result) (rate(sluice_webhooks_total{result=~"unauthenticated|malformed|misframed|unsupported|too_large|rejected"}[$__rate_interval]))',
              legend: '{{source}}: {{result}}',
            },
          ],
        },
        {
          title: 'Why are webhooks refused?',
          description:
            'What Sluice could not take (503), and the platforms send again. away, silent, late: Redis. memory, backlog: above a watermark. in_flight: more than this ingest may have at once.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (reason) (rate(sluice_webhooks_refused_total[$__rate_interval]))',
              legend: '{{reason}}',
            },
          ],
        },
        {
          title: 'What do deliveries turn out to be?',
          description:
            'Deliveries that were unpacked: new, duplicates, unfit (quarantined), or not asked for.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (result) (rate(sluice_deliveries_total[$__rate_interval]))',
              legend: '{{result}}',
            },
          ],
        },
      ],
    },
    {
      title: 'To the bots',
      panels: [
        {
          title: 'How do attempts end?',
          description:
            'paced and held are no failures: they wait for their turn. retry: see the next panel for why.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (outcome) (rate(sluice_attempts_total[$__rate_interval]))',
              legend: '{{outcome}}',
            },
          ],
        },
        {
          title: 'Why do attempts fail?',
          description:
            '5xx, not_sent, answer_lost: Botpress, or the way to it; they are tried again. 429: a limit is lower than configured. 401 to 404: the connection is held. The rest are deaths.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (outcome, reason) (rate(sluice_attempts_total{reason!=""}[$__rate_interval]))',
              legend: '{{outcome}}: {{reason}}',
            },
          ],
        },
        {
          title: 'How long does an attempt take?',
          description: 'With the call of Botpress in it. Above 1 s Botpress is slow, or the worker is busy.',
          unit: 's',
          targets: [0.5, 0.99].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le) (rate(sluice_attempt_duration_seconds_bucket[$__rate_interval])))`,
            legend: `${quantile * 100} % are faster`,
          })),
        },
        {
          title: 'How late are events, by source?',
          description:
            'The 95th percentile from when it happened to its event. One alone: its bots are at their limits, or its platform tells late.',
          unit: 's',
          targets: [
            {
              expr: 'histogram_quantile(0.95, sum by (source, le) (rate(sluice_delivery_lag_seconds_bucket[$__rate_interval])))',
              legend: '{{source}}',
            },
          ],
        },
        {
          title: 'Which events come within a minute?',
          description:
            'late and overdue spend the budget of the promise. apart: it waited for its bot, a hold or a replay.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (verdict) (rate(sluice_delivery_verdicts_total[$__rate_interval]))',
              legend: '{{verdict}}',
            },
          ],
        },
        {
          title: 'Are lost answers cleared up?',
          description:
            'found: the event was there, and is not sent twice. absent: it is sent. unknown, refused: Botpress could not be asked, and is again.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (result) (rate(sluice_reconciliations_total[$__rate_interval]))',
              legend: '{{result}}',
              mayBeEmpty: 'no answer was lost',
            },
          ],
        },
      ],
    },
    {
      title: 'In line',
      panels: [
        {
          title: 'What is the queue made of?',
          description: 'waiting: for a worker. delayed: for a retry, its bot, or the end of a hold.',
          unit: 'short',
          targets: [{ expr: 'max by (state) (sluice_queue_deliveries{state!="dead"})', legend: '{{state}}' }],
        },
        {
          title: 'Whose is it?',
          description:
            'The ten connections with most that is pending. One alone: it is held, or above its bot’s limit, and the others are not kept waiting by it.',
          unit: 'short',
          targets: [
            {
              expr: 'topk(10, max by (connection) (sluice_connection_pending))',
              legend: '{{connection}}',
            },
          ],
        },
        {
          title: 'How long do paced deliveries wait?',
          description:
            'For the limit of their bot, until their turn. Hours: the limit is too low for what comes in a day; see the next panel.',
          unit: 's',
          targets: [0.5, 0.99].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le) (rate(sluice_pacing_wait_seconds_bucket[$__rate_interval])))`,
            legend: `${quantile * 100} % wait less`,
            mayBeEmpty: 'nothing is paced',
          })),
        },
        {
          title: 'How full is each bot’s limit?',
          description:
            'Events created as part of the limit, the ten fullest. Near 100 % a backlog grows: raise the limit at Botpress and in the connections file.',
          unit: 'percentunit',
          targets: [
            {
              expr: 'topk(10, sum by (bot) (60 * sum by (connection) (rate(sluice_connection_events_total{outcome="delivered"}[1m])) * on (connection) group_left (bot) (0 * max by (connection, bot) (sluice_connection_limit_events_per_minute) + 1)) / max by (bot) (sluice_connection_limit_events_per_minute))',
              legend: '{{bot}}',
            },
          ],
          thresholds: [0.8, 0.95],
        },
      ],
    },
  ],
};
