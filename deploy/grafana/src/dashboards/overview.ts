import type { Dashboard } from '../dashboard.ts';

export const overview: Dashboard = {
  uid: 'sluice-overview',
  title: 'Sluice: Overview',
  description: 'Do webhooks arrive, do events reach the bots, how long does it take, and what is stuck?',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          title: 'Are webhooks answered in time?',
          description:
            'Answers of 2xx within the deadline of their platform, of the last hour; promised are 99.9 %. If it falls, look at "Why are webhooks refused?" on Delivery.',
          unit: 'percentunit',
          kind: 'stat',
          targets: [{ expr: '1 - sluice:webhook_errors:ratio_rate1h', legend: 'in time' }],
          thresholds: [0.9999, 0.999],
        },
        {
          title: 'Do events come within a minute?',
          description:
            'Events created within 60 s of arrival, of the last hour, apart from what waited for its bot, a hold or a replay; promised are 99 %. If it falls, look at "Why do attempts fail?" on Delivery.',
          unit: 'percentunit',
          kind: 'stat',
          targets: [{ expr: '1 - sluice:event_errors:ratio_rate1h', legend: 'in time' }],
          thresholds: [0.999, 0.99],
        },
        {
          title: 'How much is still to be delivered?',
          description:
            'All that was accepted and is neither delivered nor dead: waiting, at work, retried, paced, held. It is safe on disk; whether it is too much is told by the next panel.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: 'sluice:pending', legend: 'pending' }],
        },
        {
          title: 'When will the backlog be gone?',
          description:
            'As things go. Nothing is shown while more comes in than goes out: then see on Delivery which bot is at its limit, or start workers if "How old is the oldest?" is red.',
          unit: 's',
          kind: 'stat',
          targets: [
            {
              expr: 'sluice:pending == 0 or sluice:drain_seconds',
              legend: 'until it is gone',
              mayBeEmpty: 'the backlog grows',
            },
          ],
        },
        {
          title: 'How old is the oldest that no worker has taken?',
          description:
            'Seconds. Above 60 the workers do not keep up, or there are none: start some. What waits for its bot is not in it.',
          unit: 's',
          kind: 'stat',
          targets: [{ expr: 'max(sluice_oldest_waiting_seconds)', legend: 'waits' }],
          thresholds: [30, 60],
        },
        {
          title: 'How full is Redis?',
          description: 'Part of its maxmemory. From 85 % on ingest refuses webhooks: raise it, or drain.',
          unit: 'percentunit',
          kind: 'stat',
          targets: [{ expr: 'max(sluice_redis_memory_ratio)', legend: 'used' }],
          thresholds: [0.6, 0.8],
        },
        {
          title: 'How many dead letters are there?',
          description: 'They are kept until somebody replays or discards them: sluice dead-letters groups.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: 'max(sluice_queue_deliveries{state="dead"})', legend: 'dead' }],
        },
        {
          title: 'Does the ledger hold?',
          description: '0: accepted = delivered + dead + pending. Anything else is a bug: sluice ledger.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: 'min(sluice_ledger_differences)', legend: 'differences' }],
          thresholds: [1, 1],
        },
        {
          title: 'What fires?',
          description: 'Alerts, pending and firing. Each has a section in docs/runbook.md.',
          unit: 'short',
          kind: 'list',
          targets: [
            {
              expr: 'sum by (alertname, severity, alertstate) (ALERTS)',
              legend: '{{alertname}}',
              mayBeEmpty: 'all is well',
            },
          ],
        },
        {
          title: 'Which connections are held?',
          description:
            '1: Botpress refuses its token, plan or bot; 2: an operator holds it. Its events wait and lose no attempt: sluice connections paused.',
          unit: 'short',
          kind: 'list',
          targets: [
            {
              expr: 'max by (connection) (sluice_connection_state) > 0',
              legend: '{{connection}}',
              mayBeEmpty: 'none is held',
            },
          ],
        },
      ],
    },
    {
      title: 'Over time',
      panels: [
        {
          title: 'Do webhooks arrive?',
          description:
            'Webhooks a second, by what they got. No line at all: look whether the platform sends, and whether the proxy in front lets it through.',
          unit: 'reqps',
          targets: [
            { expr: 'sum by (result) (rate(sluice_webhooks_total[$__rate_interval]))', legend: '{{result}}' },
          ],
        },
        {
          title: 'Do events reach the bots?',
          description: 'Events created a second, and deliveries that died. Why they die is on Dead letters.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (outcome) (rate(sluice_connection_events_total[$__rate_interval]))',
              legend: '{{outcome}}',
            },
          ],
        },
        {
          title: 'How long from the platform to the bot?',
          description:
            'From when it happened to its event, waits for bots and for retries in it. If only the 99th rises, one connection is slow: see its page.',
          unit: 's',
          targets: [0.5, 0.95, 0.99].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le) (rate(sluice_delivery_lag_seconds_bucket[$__rate_interval])))`,
            legend: `${quantile * 100} % are faster`,
          })),
        },
        {
          title: 'Who sends how much of it?',
          description: 'The ten busiest connections, as part of all webhooks of the last five minutes.',
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
