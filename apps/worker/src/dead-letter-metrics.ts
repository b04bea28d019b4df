import { Counter, Gauge, type Registry } from '@sluice/observability';
import { type DeadState, FAULT_OF, type QueueReader } from '@sluice/queue';
import { shareReads } from './share-reads.ts';

/**
 * Adds metrics of the dead letters and of replays, read when they are asked for. They are those of the whole queue,
 * whichever worker is asked, and keep their last value while Redis is away.
 */
export function addDeadLetterMetrics(registry: Registry, reader: QueueReader, now: () => number): void {
  const registers = [registry];
  const read = shareReads(() => reader.readDead());
  const gauge = (name: string, help: string, tell: (state: DeadState) => number) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const state = await read();
        if (state) this.set(tell(state));
      },
    });
  gauge(
    'sluice_dead_letters_bytes',
    'What dead letters take of Redis, as of the last sweep',
    ({ sweep }) => sweep?.bytes ?? 0,
  );
  gauge(
    'sluice_dead_letters_expiring',
    'Dead letters that will be deleted within a day, for they are too old by then; as of the last sweep',
    ({ sweep }) => sweep?.expiring ?? 0,
  );
  new Gauge({
    name: 'sluice_dead_letters',
    help: 'Dead letters, by source, reason, and whose fault that mostly is',
    labelNames: ['source', 'reason', 'fault'],
    registers,
    async collect() {
      const state = await read();
      if (!state) return;
      this.reset();
      for (const { count, example } of state.groups) {
        const { reason, origin } = example.death;
        this.inc({ source: origin?.source ?? 'unknown', reason, fault: FAULT_OF[reason] }, count);
      }
    },
  });
  new Gauge({
    name: 'sluice_oldest_dead_letter_seconds',
    help: 'Since the oldest dead letter of a reason died; of a reason without any, no series',
    labelNames: ['reason'],
    registers,
    async collect() {
      const state = await read();
      if (!state) return;
      this.reset();
      for (const [reason, first] of firstOf(state)) this.set({ reason }, (now() - first) / 1000);
    },
  });
  addReplayMetrics(registry, read);
}

/** When the first of each reason died. */
function firstOf({ groups }: DeadState): ReadonlyMap<string, number> {
  const firsts = new Map<string, number>();
  for (const { first, example } of groups) {
    const { reason } = example.death;
    firsts.set(reason, Math.min(firsts.get(reason) ?? first, first));
  }
  return firsts;
}

function addReplayMetrics(registry: Registry, read: () => Promise<DeadState | undefined>): void {
  const registers = [registry];
  new Counter({
    name: 'sluice_replays_total',
    help: 'Replays that have come to a state so far; one that was paused and resumed came to running twice',
    labelNames: ['state'],
    registers,
    async collect() {
      const state = await read();
      if (!state) return;
      // It is Redis that counts, for all workers.
      this.reset();
      for (const [name, count] of Object.entries(state.replays.came)) this.inc({ state: name }, count);
    },
  });
  new Gauge({
    name: 'sluice_replay_deliveries',
    help: 'Dead letters of the replays that run now, by what became of them',
    labelNames: ['state'],
    registers,
    async collect() {
      const state = await read();
      if (!state) return;
      for (const [name, count] of Object.entries(state.replays.now)) this.set({ state: name }, count);
    },
  });
}
