import { Counter, Gauge, type Registry } from '@sluice/observability';
import type { QueueReader } from '@sluice/queue';

/**
 * Adds metrics of the dead letters and of replays, read when they are asked for. They are those of the whole queue, whichever worker
 * is asked, and keep their last value while Redis is away.
 */
export function addDeadLetterMetrics(registry: Registry, reader: QueueReader, now: () => number): void {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const oldest = gauge(
    'sluice_oldest_dead_letter_seconds',
    'Since the oldest dead letter died; 0 without any',
  );
  const bytes = gauge('sluice_dead_letters_bytes', 'What dead letters take of Redis, as of the last sweep');
  const expiring = gauge(
    'sluice_dead_letters_expiring',
    'Dead letters that will be deleted within a day, for they are too old by then; as of the last sweep',
  );
  const replays = new Counter({
    name: 'sluice_replays_total',
    help: 'Replays that have come to a state so far; one that was paused and resumed came to running twice',
    labelNames: ['state'],
    registers,
  });
  const replayed = new Gauge({
    name: 'sluice_replay_deliveries',
    help: 'Dead letters of the replays that run now, by what became of them',
    labelNames: ['state'],
    registers,
  });
  new Gauge({
    name: 'sluice_dead_letters',
    help: 'Dead letters, by source and reason',
    labelNames: ['source', 'reason'],
    registers,
    async collect() {
      const state = await reader.readDead().catch(() => undefined);
      if (!state) return;
      const { groups, sweep } = state;
      // It is Redis that counts, for all workers.
      replays.reset();
      for (const [name, count] of Object.entries(state.replays.came)) replays.inc({ state: name }, count);
      for (const [name, count] of Object.entries(state.replays.now)) replayed.set({ state: name }, count);
      this.reset();
      for (const { count, example } of groups) {
        const { reason, origin } = example.death;
        this.inc({ source: origin?.source ?? 'unknown', reason }, count);
      }
      const first = groups.reduce((least, group) => Math.min(least, group.first), now());
      oldest.set((now() - first) / 1000);
      bytes.set(sweep?.bytes ?? 0);
      expiring.set(sweep?.expiring ?? 0);
    },
  });
}
