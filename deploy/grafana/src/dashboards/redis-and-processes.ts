import type { Dashboard } from '../dashboard.ts';

export const redisAndProcesses: Dashboard = {
  uid: 'sluice-redis-processes',
  title: 'Sluice: Redis and processes',
  description:
    'Does Redis keep what was acknowledged, how long until it is full, and are the processes well?',
  rows: [
    {
      title: 'Redis',
      panels: [
        {
          title: 'How long until it is full?',
          description:
            'As the last half hour goes. Nothing is shown while it does not grow. Below an hour: raise maxmemory, or find who fills it on Delivery.',
          unit: 's',
          kind: 'stat',
          targets: [
            { expr: 'sluice:redis_full_seconds', legend: 'until full', mayBeEmpty: 'it does not grow' },
          ],
          thresholds: [7200, 3600],
        },
        {
          title: 'Does it keep what was acknowledged?',
          description:
            '1 of each: there is an append-only file, its last write and its last rewrite went well. 0: its disk is full or broken; nothing that is answered with 2xx is safe.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: 'min by (check) (sluice_redis_persistence_ok)', legend: '{{check}}' }],
          thresholds: [1, 0.5],
        },
        {
          title: 'Does ingest refuse all?',
          description:
            '1: every webhook is answered with 503. away, silent: Redis. memory, backlog: above a watermark.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: 'max by (reason) (sluice_ingest_refusing)', legend: '{{reason}}' }],
          thresholds: [1, 1],
        },
        {
          title: 'How many workers take deliveries?',
          description: 'Fewer than are deployed: look at the logs of those that are missing.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: 'sum(sluice_worker_running)', legend: 'workers' }],
          thresholds: [1, 0.5],
        },
        {
          title: 'How much memory does it use?',
          description:
            'Of its maxmemory; from 85 % on ingest refuses. What fills it is told by Delivery and Dead letters.',
          unit: 'bytes',
          targets: [
            { expr: 'max(sluice_redis_memory_used_bytes)', legend: 'used' },
            { expr: 'max(sluice_redis_memory_max_bytes)', legend: 'maxmemory' },
          ],
        },
        {
          title: 'How large is its file?',
          description:
            'The append-only file, which Redis rewrites when it has doubled. Keep twice that free.',
          unit: 'bytes',
          targets: [{ expr: 'max(sluice_redis_aof_bytes)', legend: 'append-only file' }],
        },
      ],
    },
    {
      title: 'Processes',
      panels: [
        {
          title: 'How busy are they?',
          description: 'CPU seconds a second. A process has one core for its work: near 1 start another.',
          unit: 'percentunit',
          targets: [
            {
              expr: 'rate(process_cpu_seconds_total{job=~"sluice-.*"}[1m])',
              legend: '{{job}} {{instance}} {{process}}',
            },
          ],
        },
        {
          title: 'How late is their event loop?',
          description: 'The 99th percentile. Above 100 ms answers suffer: it has too much to do.',
          unit: 's',
          targets: [
            {
              expr: 'nodejs_eventloop_lag_p99_seconds{job=~"sluice-.*"}',
              legend: '{{job}} {{instance}} {{process}}',
            },
          ],
          thresholds: [0.1, 0.5],
        },
        {
          title: 'How much memory do they use?',
          description: 'Resident. It is flat under load; one that climbs for hours leaks.',
          unit: 'bytes',
          targets: [
            {
              expr: 'process_resident_memory_bytes{job=~"sluice-.*"}',
              legend: '{{job}} {{instance}} {{process}}',
            },
          ],
        },
        {
          title: 'Who asks the console, and what do they get?',
          description: 'Requests a second by status. 401 and 429 in numbers: somebody guesses tokens.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (status) (rate(sluice_console_requests_total[$__rate_interval]))',
              legend: '{{status}}',
            },
          ],
        },
      ],
    },
  ],
};
