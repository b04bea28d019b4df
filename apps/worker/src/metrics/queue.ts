import type { Connections } from '@sluice/config';
import { createGauge, type Registry } from '@sluice/observability';
import type {
  HeldConnection,
  QueueReader,
  QueueStats,
  QueueStatsReader,
  RedisHealth,
  Scheduler,
} from '@sluice/queue';
import { shareReads } from './share-reads.ts';

export interface QueueGauges {
  readonly reader: Pick<QueueReader, 'read'>;
  readonly figures: Pick<QueueStatsReader, 'read'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Adds gauges of the queue and of its Redis, read when they are asked for. They are the same of whichever worker is
 * asked, so whoever reads them takes the maximum, not the sum; they keep their last value while Redis is away.
 */
export function addQueueGauges(registry: Registry, { reader, figures, now }: QueueGauges): void {
  const readCounts = shareReads(() => reader.read());
  const readFigures = shareReads(() => figures.read());
  createGauge(registry, 'sluice_queue_deliveries', async (gauge) => {
    const state = await readCounts();
    if (!state) return;
    const { waiting, active, delayed, dead } = state;
    for (const [name, count] of Object.entries({ waiting, active, delayed, dead })) {
      gauge.set({ state: name }, count);
    }
  });
  const add = (name: UnlabeledGauge, select: (figures: QueueStats) => number) =>
    createGauge(registry, name, async (gauge) => {
      const read = await readFigures();
      if (read) gauge.set(select(read));
    });
  add(
    'sluice_oldest_waiting_seconds',
    ({ oldestUntaken = now() }) => Math.max(0, now() - oldestUntaken) / 1000,
  );
  add('sluice_redis_memory_used_bytes', ({ redis }) => redis.usedBytes);
  add('sluice_redis_memory_max_bytes', ({ redis }) => redis.maxBytes);
  add('sluice_redis_aof_bytes', ({ redis }) => redis.appendOnlyBytes);
  addPersistence(registry, readFigures);
  addReplays(registry, readFigures);
}

type UnlabeledGauge =
  | 'sluice_oldest_waiting_seconds'
  | 'sluice_redis_memory_used_bytes'
  | 'sluice_redis_memory_max_bytes'
  | 'sluice_redis_aof_bytes';

type Read = () => Promise<QueueStats | undefined>;

function addPersistence(registry: Registry, read: Read): void {
  createGauge(registry, 'sluice_redis_persistence_ok', async (gauge) => {
    const figures = await read();
    if (!figures) return;
    const checks: RedisHealth['persistence'] = figures.redis.persistence;
    for (const [check, isOk] of Object.entries(checks)) gauge.set({ check }, isOk ? 1 : 0);
  });
}

function addReplays(registry: Registry, read: Read): void {
  createGauge(registry, 'sluice_replays', async (gauge) => {
    const figures = await read();
    if (!figures) return;
    for (const [state, count] of Object.entries(figures.replays)) gauge.set({ state }, count);
  });
}

/** What the gauge says of a connection. */
const STATE = { active: 0, refusals: 1, operator: 2 } as const;

/** Adds gauges of each configured connection, its state and its limit, read when they are asked for. */
export function addConnectionMetrics(
  registry: Registry,
  gate: Pick<Scheduler, 'heldConnections'>,
  connections: () => Connections,
): void {
  createGauge(registry, 'sluice_connection_state', async (gauge) => {
    const holds = await gate.heldConnections().catch((): readonly HeldConnection[] | undefined => undefined);
    if (!holds) return;
    const held = new Map(holds.map(({ connection, by }) => [connection, STATE[by]]));
    gauge.reset();
    for (const { id } of connections().all()) gauge.set({ connection: id }, held.get(id) ?? STATE.active);
  });
  createGauge(registry, 'sluice_connection_limit_events_per_minute', (gauge) => {
    gauge.reset();
    for (const { id, source, botpress, limits } of connections().all()) {
      gauge.set({ connection: id, source: source.name, bot: botpress.botId }, limits.eventsPerMinute);
    }
  });
}
