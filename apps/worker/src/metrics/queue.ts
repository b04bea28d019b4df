import type { Connections } from '@sluice/config';
import { createGauge, type Registry } from '@sluice/observability';
import type { HeldConnection, QueueStats, QueueStatsReader, Scheduler } from '@sluice/queue';
import { shareReads } from './share-reads.ts';

export interface QueueGauges {
  readonly stats: Pick<QueueStatsReader, 'read'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Registers gauges of the queue and its Redis, read at each scrape. Every worker exposes the same values, so queries use
 * `max`, not `sum`. The gauges keep their last value while Redis is unavailable.
 */
export function addQueueGauges(registry: Registry, { stats, now }: QueueGauges): void {
  const readStats = shareReads(() => stats.read());
  createGauge(registry, 'sluice_queue_deliveries', async (gauge) => {
    const read = await readStats();
    if (!read) return;
    for (const [state, count] of Object.entries(read.deliveries)) gauge.set({ state }, count);
  });
  const add = (name: UnlabeledGauge, select: (stats: QueueStats) => number) =>
    createGauge(registry, name, async (gauge) => {
      const read = await readStats();
      if (read) gauge.set(select(read));
    });
  const age = (receivedAt = now()) => Math.max(0, now() - receivedAt) / 1000;
  add('sluice_oldest_waiting_seconds', ({ oldestWaiting }) => age(oldestWaiting));
  add('sluice_oldest_held_seconds', ({ oldestHeld }) => age(oldestHeld));
  add('sluice_redis_memory_used_bytes', ({ redis }) => redis.usedBytes);
  add('sluice_redis_memory_max_bytes', ({ redis }) => redis.maxBytes);
  add('sluice_redis_aof_bytes', ({ redis }) => redis.appendOnlyBytes);
  addPersistence(registry, readStats);
  addReplays(registry, readStats);
}

type UnlabeledGauge =
  | 'sluice_oldest_waiting_seconds'
  | 'sluice_oldest_held_seconds'
  | 'sluice_redis_memory_used_bytes'
  | 'sluice_redis_memory_max_bytes'
  | 'sluice_redis_aof_bytes';

type Read = () => Promise<QueueStats | undefined>;

function addPersistence(registry: Registry, read: Read): void {
  createGauge(registry, 'sluice_redis_persistence_ok', async (gauge) => {
    const stats = await read();
    if (!stats) return;
    for (const [check, isOk] of Object.entries(stats.redis.persistence)) gauge.set({ check }, isOk ? 1 : 0);
  });
}

function addReplays(registry: Registry, read: Read): void {
  createGauge(registry, 'sluice_replays', async (gauge) => {
    const stats = await read();
    if (!stats) return;
    for (const [state, count] of Object.entries(stats.replays)) gauge.set({ state }, count);
  });
}

/** Values of `sluice_connection_state`. */
const STATE = { active: 0, refusals: 1, operator: 2 } as const;

/** Registers the gauges of each configured connection: its state and its limit, read at each scrape. */
export function addConnectionMetrics(
  registry: Registry,
  scheduler: Pick<Scheduler, 'heldConnections'>,
  connections: () => Connections,
): void {
  createGauge(registry, 'sluice_connection_state', async (gauge) => {
    const connectionsHeld = await scheduler
      .heldConnections()
      .catch((): readonly HeldConnection[] | undefined => undefined);
    if (!connectionsHeld) return;
    const held = new Map(connectionsHeld.map(({ connection, by }) => [connection, STATE[by]]));
    gauge.reset();
    for (const { id } of connections().withForwards())
      gauge.set({ connection: id }, held.get(id) ?? STATE.active);
  });
  createGauge(registry, 'sluice_connection_limit_events_per_minute', (gauge) => {
    gauge.reset();
    for (const { id, source, botpress, limits } of connections().all()) {
      gauge.set({ connection: id, source: source.name, bot: botpress.botId }, limits.eventsPerMinute);
    }
  });
}
