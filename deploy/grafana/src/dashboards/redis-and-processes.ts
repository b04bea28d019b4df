import type { Dashboard } from '../dashboard.ts';

export const redisAndProcesses: Dashboard = {
  uid: 'sluice-redis-processes',
  title: 'Sluice: Redis and processes',
  description: 'Redis persistence and memory, and the health of the processes.',
  rows: [
    {
      title: 'Redis',
      panels: [
        {
          title: 'Time until Redis is full',
          description:
            'Projected from the last 30 minutes; empty while memory does not grow. Below an hour: raise maxmemory, or find the growing connection on Delivery.',
          unit: 's',
          kind: 'stat',
          targets: [
            {
              expr: 'sluice:redis_full_seconds',
              legend: 'time until full',
              emptyWhen: 'memory does not grow',
            },
          ],
          thresholds: [7200, 3600],
        },
        {
          title: 'Redis persistence',
          description:
            '1: an append-only file exists, and its last write and last rewrite succeeded. 0: the disk is full or broken, and acknowledged webhooks are not safe.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: 'min by (check) (sluice_redis_persistence_ok)', legend: '{{check}}' }],
          thresholds: [1, 0.5],
        },
        {
          title: 'Ingest refusing webhooks',
          description: '1: every webhook gets a 503. away, silent: Redis. memory, backlog: above a limit.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: 'max by (reason) (sluice_ingest_refusing)', legend: '{{reason}}' }],
          thresholds: [1, 1],
        },
        {
          title: 'Running workers',
          description:
            'Workers that take deliveries. Fewer than deployed: check the logs of the missing ones.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: 'sum(sluice_worker_running)', legend: 'workers' }],
          thresholds: [1, 0.5],
        },
        {
          title: 'Redis memory',
          description:
            'Used memory and maxmemory. From 85 % on ingest refuses webhooks. Delivery and Dead letters show what uses it.',
          unit: 'bytes',
          targets: [
            { expr: 'max(sluice_redis_memory_used_bytes)', legend: 'used' },
            { expr: 'max(sluice_redis_memory_max_bytes)', legend: 'maxmemory' },
          ],
        },
        {
          title: 'Append-only file size',
          description: 'Redis rewrites the file when it has doubled. Keep twice its size free on the disk.',
          unit: 'bytes',
          targets: [{ expr: 'max(sluice_redis_aof_bytes)', legend: 'append-only file' }],
        },
      ],
    },
    {
      title: 'Processes',
      panels: [
        {
          title: 'CPU usage',
          description: 'CPU seconds per second. A process uses at most one core: near 1 start another.',
          unit: 'percentunit',
          targets: [
            {
              expr: 'rate(process_cpu_seconds_total{job=~"sluice-.*"}[1m])',
              legend: '{{job}} {{instance}} {{process}}',
            },
          ],
        },
        {
          title: 'Event loop delay',
          description:
            '99th percentile. Above 100 ms response times suffer, because the process is overloaded.',
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
          title: 'Process memory',
          description: 'Resident memory. It is flat under load; a process that grows for hours leaks memory.',
          unit: 'bytes',
          targets: [
            {
              expr: 'process_resident_memory_bytes{job=~"sluice-.*"}',
              legend: '{{job}} {{instance}} {{process}}',
            },
          ],
        },
        {
          title: 'Console requests by status',
          description: 'Requests per second. Many 401 and 429 responses: someone is guessing tokens.',
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
