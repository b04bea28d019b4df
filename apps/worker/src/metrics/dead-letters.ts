import { createCounter, createGauge, type Registry } from '@sluice/observability';
import { type DeadLetterStats, FAULT_OF, type QueueStatsReader } from '@sluice/queue';
import { shareReads } from './share-reads.ts';

/**
 * Registers metrics of dead letters and replays, read at each scrape. Every worker exposes the values of the whole queue,
 * which keep their last value while Redis is unavailable.
 */
export function addDeadLetterMetrics(
  registry: Registry,
  stats: Pick<QueueStatsReader, 'readDeadLetters'>,
  now: () => number,
): void {
  const read = shareReads(() => stats.readDeadLetters());
  createGauge(registry, 'sluice_dead_letters_bytes', async (gauge) => {
    const state = await read();
    if (state) gauge.set(state.sweep?.bytes ?? 0);
  });
  createGauge(registry, 'sluice_dead_letters_expiring', async (gauge) => {
    const state = await read();
    if (state) gauge.set(state.sweep?.expiring ?? 0);
  });
  createGauge(registry, 'sluice_dead_letters', async (gauge) => {
    const state = await read();
    if (!state) return;
    gauge.reset();
    for (const { count, example } of state.groups) {
      const { reason, origin } = example.death;
      gauge.inc({ source: origin?.source ?? 'unknown', reason, fault: FAULT_OF[reason] }, count);
    }
  });
  createGauge(registry, 'sluice_oldest_dead_letter_seconds', async (gauge) => {
    const state = await read();
    if (!state) return;
    gauge.reset();
    for (const [reason, first] of firstOf(state)) gauge.set({ reason }, (now() - first) / 1000);
  });
  addReplayMetrics(registry, read);
}

/** Returns when the oldest dead letter of each reason failed, in milliseconds since the epoch. */
function firstOf({ groups }: DeadLetterStats): ReadonlyMap<string, number> {
  const firsts = new Map<string, number>();
  for (const { first, example } of groups) {
    const { reason } = example.death;
    firsts.set(reason, Math.min(firsts.get(reason) ?? first, first));
  }
  return firsts;
}

function addReplayMetrics(registry: Registry, read: () => Promise<DeadLetterStats | undefined>): void {
  createCounter(registry, 'sluice_replays_total', async (counter) => {
    const state = await read();
    if (!state) return;
    // Redis counts for all workers, so the counter takes its value.
    counter.reset();
    for (const [name, count] of Object.entries(state.replays.came)) counter.inc({ state: name }, count);
  });
  createGauge(registry, 'sluice_replay_deliveries', async (gauge) => {
    const state = await read();
    if (!state) return;
    for (const [name, count] of Object.entries(state.replays.now)) gauge.set({ state: name }, count);
  });
}
