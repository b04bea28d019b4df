import type { Dashboard } from '../dashboard.ts';

export const deadLetters: Dashboard = {
  uid: 'sluice-dead-letters',
  title: 'Sluice: Dead letters and replays',
  description: 'What died, why, since when, and how far replays are.',
  rows: [
    {
      title: 'Dead letters',
      panels: [
        {
          title: 'What died of what?',
          description:
            'Dead letters by reason; each has a section in docs/runbook.md. sluice dead-letters groups tells the incidents.',
          unit: 'short',
          targets: [
            { expr: 'sum by (reason) (max by (source, reason) (sluice_dead_letters))', legend: '{{reason}}' },
          ],
        },
        {
          title: 'Whose fault is it?',
          description:
            'sender: the platform sends what the schema does not take. pipeline: our mapper or configuration. destination: Botpress.',
          unit: 'short',
          targets: [
            {
              expr: 'sum by (fault) (max by (source, reason, fault) (sluice_dead_letters))',
              legend: '{{fault}}',
            },
          ],
        },
        {
          title: 'Does it go on?',
          description: 'Deaths a second. Zero: what is there is of the past, and can be replayed.',
          unit: 'reqps',
          targets: [
            {
              expr: 'sum by (source, reason) (rate(sluice_attempts_total{outcome="dead"}[$__rate_interval]))',
              legend: '{{source}}: {{reason}}',
            },
          ],
        },
        {
          title: 'How old are they?',
          description: 'Since the oldest of each reason died. They are deleted after SLUICE_DEAD_KEEP_DAYS.',
          unit: 's',
          targets: [{ expr: 'max by (reason) (sluice_oldest_dead_letter_seconds)', legend: '{{reason}}' }],
        },
        {
          title: 'Whose are they?',
          description:
            'The ten connections with most of them. One alone: its mapper, its integration or its platform; all: Botpress, or a deployment.',
          unit: 'short',
          targets: [
            {
              expr: 'topk(10, max by (connection) (sluice_connection_dead_letters))',
              legend: '{{connection}}',
            },
          ],
        },
        {
          title: 'How much room do they take?',
          description: 'Of Redis, as of the last sweep; SLUICE_DEAD_MAX_MIB bounds it.',
          unit: 'bytes',
          targets: [{ expr: 'max(sluice_dead_letters_bytes)', legend: 'bytes' }],
        },
        {
          title: 'How many will be deleted within a day?',
          description: 'Replay, export or discard them first: sluice dead-letters list --until.',
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
          title: 'Does any wait for somebody?',
          description:
            'paused: it stopped itself, for too many died again, or an operator paused it. sluice replay list, then resume or cancel.',
          unit: 'short',
          kind: 'stat',
          targets: [{ expr: 'max by (state) (sluice_replays)', legend: '{{state}}' }],
        },
        {
          title: 'How far are they?',
          description: 'Of the replays that run: still to be put back, on their way, delivered, dead again.',
          unit: 'short',
          targets: [{ expr: 'max by (state) (sluice_replay_deliveries)', legend: '{{state}}' }],
        },
        {
          title: 'What became of replays?',
          description:
            'How many have come to each state so far. More paused than done: they are run before the cause is mended.',
          unit: 'short',
          targets: [{ expr: 'max by (state) (sluice_replays_total)', legend: '{{state}}' }],
        },
      ],
    },
  ],
};
