import type { Dashboard } from '../dashboard.ts';

export const delivery: Dashboard = {
  uid: 'sluice-delivery',
  title: 'Sluice: Delivery',
  description: 'From the webhook to the event: responses, attempts, errors, pacing, lag.',
  rows: [
    {
      title: 'Ingest',
      panels: [
        {
          title: 'Response time and platform deadline',
          description:
            '99th percentile of response times by source, and the deadline of its platform. Past it the platform resends and finally stops. The usual cause is the disk of Redis.',
          unit: 's',
          targets: [
            {
              expr: 'histogram_quantile(0.99, sum by (source, le) (rate(sluice_webhook_duration_seconds_bucket[$__rate_interval])))',
              legend: '{{source}}',
            },
            { expr: 'max by (source) (sluice_source_deadline_seconds)', legend: '{{source}} deadline' },
          ],
        },
        {
          title: 'Rejected webhooks (4xx)',
          description:
            'Errors of the sender. unauthenticated with a source: a secret is wrong. unauthenticated without a source (unknown): unknown senders.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (source, result) (rate(sluice_webhooks_total{result=~"unauthenticated|malformed|misframed|unsupported|too_large|rejected"}[$__rate_interval]))',
              legend: '{{source}}: {{result}}',
            },
          ],
        },
        {
          title: 'Refused webhooks (503)',
          description:
            'Webhooks that Sluice could not accept; platforms resend them. away, silent, late: Redis. memory, backlog: above a limit. in_flight: more concurrent webhooks than one ingest process accepts.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (reason) (rate(sluice_webhooks_refused_total[$__rate_interval]))',
              legend: '{{reason}}',
            },
          ],
        },
        {
          title: 'Unpacked deliveries',
          description:
            'Unpacked deliveries by result: new, duplicate, failing schema validation (quarantined), or of a disabled topic.',
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
      title: 'Attempts',
      panels: [
        {
          title: 'Attempts by outcome',
          description:
            'paced and held are not failures: these deliveries wait for their permit. retry: the next panel shows the reasons.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (outcome) (rate(sluice_attempts_total[$__rate_interval]))',
              legend: '{{outcome}}',
            },
          ],
        },
        {
          title: 'Failed attempts by reason',
          description:
            '5xx, not_sent, answer_lost: Botpress or the network; the attempts are retried. 429: a limit is lower than configured. 401 to 404: the connection’s circuit opens. Other reasons make dead letters.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (outcome, reason) (rate(sluice_attempts_total{reason!=""}[$__rate_interval]))',
              legend: '{{outcome}}: {{reason}}',
            },
          ],
        },
        {
          title: 'Attempt duration',
          description:
            'Includes the call of Botpress. Above 1 s Botpress is slow, or the worker is overloaded.',
          unit: 's',
          targets: [0.5, 0.99].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le) (rate(sluice_attempt_duration_seconds_bucket[$__rate_interval])))`,
            legend: `p${quantile * 100}`,
          })),
        },
        {
          title: 'Event lag by source',
          description:
            '95th percentile from the event at the platform to its creation at Botpress. Only one source: its bots are at their limits, or its platform sends late.',
          unit: 's',
          targets: [
            {
              expr: 'histogram_quantile(0.95, sum by (source, le) (rate(sluice_delivery_lag_seconds_bucket[$__rate_interval])))',
              legend: '{{source}}',
            },
          ],
        },
        {
          title: 'Events created within a minute',
          description:
            'late and overdue count against the objective. apart: the delivery waited for its bot’s limit, a pause, an open circuit or a replay.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (verdict) (rate(sluice_delivery_verdicts_total[$__rate_interval]))',
              legend: '{{verdict}}',
            },
          ],
        },
        {
          title: 'Lookups after lost responses',
          description:
            'found: the event exists and is not sent again. absent: it is sent again. unknown, refused: Botpress could not be queried, and the lookup is repeated.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (result) (rate(sluice_reconciliations_total[$__rate_interval]))',
              legend: '{{result}}',
              emptyWhen: 'no response was lost',
            },
          ],
        },
      ],
    },
    {
      title: 'In the bot',
      panels: [
        {
          title: 'Events by status in the bot',
          description:
            'Created events by what their bot made of them. failed and ignored: dead letters with the failure reason. unknown: no final status within SLUICE_STATUS_MAX_MINUTES.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (status) (rate(sluice_connection_event_statuses_total[$__rate_interval]))',
              legend: '{{status}}',
            },
          ],
        },
        {
          title: 'Time until processed',
          description:
            'From the creation of an event until the sweep reads its status, 95th percentile by source. Includes up to 20 s until the sweep looks.',
          unit: 's',
          targets: [
            {
              expr: 'histogram_quantile(0.95, sum by (source, le) (rate(sluice_event_processed_seconds_bucket[$__rate_interval])))',
              legend: '{{source}}',
            },
          ],
        },
        {
          title: 'Events without a final status',
          description:
            'The ten connections with the most. A number that does not fall: the bot does not process, or the statuses cannot be read (statuses.read_failed in the log of the worker).',
          unit: 'short',
          targets: [
            {
              expr: 'topk(10, max by (connection) (sluice_connection_awaiting_status))',
              legend: '{{connection}}',
            },
          ],
        },
        {
          title: 'Status calls',
          description:
            'Calls to Botpress that read statuses. They share the calls of the workspace with events.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (operation, result) (rate(sluice_status_calls_total[$__rate_interval]))',
              legend: '{{operation}} {{result}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Queue',
      panels: [
        {
          title: 'Queue by state',
          description:
            'waiting: for a worker. delayed: for a retry, the bot’s limit, or the end of a pause or open circuit.',
          unit: 'short',
          targets: [{ expr: 'max by (state) (sluice_queue_deliveries{state!="dead"})', legend: '{{state}}' }],
        },
        {
          title: 'Pending deliveries by connection',
          description:
            'The ten connections with the most pending deliveries. Only one: it is paused, its circuit is open, or it exceeds its bot’s limit. Other connections are not delayed by it.',
          unit: 'short',
          targets: [
            {
              expr: 'topk(10, max by (connection) (sluice_connection_pending))',
              legend: '{{connection}}',
            },
          ],
        },
        {
          title: 'Pacing delay',
          description:
            'Time that deliveries wait for the limit of their bot. Hours: the limit is too low for the daily volume; see the next panel.',
          unit: 's',
          targets: [0.5, 0.99].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le) (rate(sluice_pacing_wait_seconds_bucket[$__rate_interval])))`,
            legend: `p${quantile * 100}`,
            emptyWhen: 'nothing is paced',
          })),
        },
        {
          title: 'Use of each bot’s limit',
          description:
            'Created events as a share of the limit, for the ten highest. Near 100 % a backlog grows: raise the limit at Botpress and in the connections file.',
          unit: 'percentunit',
          targets: [
            {
              expr: 'topk(10, sum by (bot) (60 * sum by (connection) (rate(sluice_connection_events_total{outcome="delivered"}[1m])) * on (connection) group_left (bot) (0 * max by (connection, bot) (sluice_connection_limit_events_per_minute) + 1)) / max by (bot) (sluice_connection_limit_events_per_minute))',
              legend: '{{bot}}',
            },
          ],
          thresholds: [0.8, 0.95],
        },
        {
          title: 'Calls to each workspace',
          description:
            'Calls per second: events and reads. Near the limit, bots of the workspace take turns, and a backlog grows.',
          unit: 'reqps',
          targets: [
            {
              expr: 'max by (workspace) (sluice_workspace_events{period="minute"}) / 60',
              legend: '{{workspace}}: events',
            },
            {
              expr: 'sum by (workspace, purpose) (rate(sluice_workspace_reads_total[$__rate_interval]))',
              legend: '{{workspace}}: {{purpose}}',
              emptyWhen: 'nothing is looked up',
            },
            {
              expr: 'max by (workspace) (sluice_workspace_limit_calls_per_second)',
              legend: '{{workspace}}: limit',
            },
          ],
        },
        {
          title: 'Use of each invocation budget',
          description:
            'Created events as a share of the bot invocations in the plan of the workspace, in a minute and in this month. At 100 % bots may no longer answer.',
          unit: 'percentunit',
          targets: [
            {
              expr: 'max by (workspace, period) (sluice_workspace_events) / max by (workspace, period) (sluice_workspace_invocation_budget)',
              legend: '{{workspace}}: {{period}}',
              emptyWhen: 'no budget is configured',
            },
          ],
          thresholds: [0.8, 0.95],
        },
      ],
    },
  ],
};
