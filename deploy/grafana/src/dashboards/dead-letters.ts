import type { Dashboard } from '../dashboard.ts';

export const deadLetters: Dashboard = {
  uid: 'sluice-dead-letters',
  title: 'Sluice: Dead letters and replays',
  description: 'Dead letters by reason, fault and connection, and the progress of replays.',
  rows: [
    {
      title: 'Dead letters',
      panels: [
        {
          title: 'Dead letters by reason',
          description:
            'docs/runbook.md has a section for each reason. `sluice dead-letters groups` lists the failure groups.',
          unit: 'short',
          targets: [
            { expr: 'sum by (reason) (max by (source, reason) (sluice_dead_letters))', legend: '{{reason}}' },
          ],
        },
        {
          title: 'Dead letters by fault',
          description:
            'sender: the platform sends what the schema rejects. pipeline: Sluice’s mapper or configuration. destination: Botpress.',
          unit: 'short',
          targets: [
            {
              expr: 'sum by (fault) (max by (source, reason, fault) (sluice_dead_letters))',
              legend: '{{fault}}',
            },
          ],
        },
        {
          title: 'New dead letters',
          description:
            'Dead letters per second. At zero the cause is gone, and the existing ones can be replayed.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (source, reason) (rate(sluice_attempts_total{outcome="dead"}[$__rate_interval]))',
              legend: '{{source}}: {{reason}}',
            },
          ],
        },
        {
          title: 'Age of the oldest dead letter',
          description:
            'Time since the oldest dead letter of each reason failed. Dead letters are deleted after SLUICE_DEAD_KEEP_DAYS.',
          unit: 's',
          targets: [{ expr: 'max by (reason) (sluice_oldest_dead_letter_seconds)', legend: '{{reason}}' }],
        },
        {
          title: 'Dead letters by connection',
          description:
            'The ten connections with the most dead letters. One connection: check its mapper, integration or platform. All: check Botpress or the last deployment.',
          unit: 'short',
          targets: [
            {
              expr: 'topk(10, max by (connection) (sluice_connection_dead_letters))',
              legend: '{{connection}}',
            },
          ],
        },
        {
          title: 'Memory of dead letters',
          description:
            'Redis memory of dead letters as of the last retention sweep. SLUICE_DEAD_MAX_MIB limits it.',
          unit: 'bytes',
          targets: [{ expr: 'max(sluice_dead_letters_bytes)', legend: 'bytes' }],
        },
        {
          title: 'Dead letters expiring within a day',
          description: 'Replay, export or discard them before: `sluice dead-letters list --until`.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: 'max(sluice_dead_letters_expiring)', legend: 'expiring' }],
          thresholds: [1, 1],
        },
      ],
    },
    {
      title: 'Replays',
      panels: [
        {
          title: 'Replays by state',
          description:
            'paused: the replay stopped itself because too many deliveries failed again, or an operator paused it. Check `sluice replay list`, then resume or cancel.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: 'max by (state) (sluice_replays)', legend: '{{state}}' }],
        },
        {
          title: 'Progress of running replays',
          description:
            'Deliveries of running replays by state: not yet requeued, in progress, delivered, dead again.',
          unit: 'short',
          targets: [{ expr: 'max by (state) (sluice_replay_deliveries)', legend: '{{state}}' }],
        },
        {
          title: 'Replay outcomes',
          description:
            'Number of replays that reached each state. More paused than done: replays are started before the cause is fixed.',
          unit: 'short',
          targets: [{ expr: 'max by (state) (sluice_replays_total)', legend: '{{state}}' }],
        },
      ],
    },
  ],
};
