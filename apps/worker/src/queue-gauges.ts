import { Gauge, type Registry } from '@sluice/observability';
import type { QueueFigures, QueueFiguresReader, QueueReader, RedisHealth } from '@sluice/queue';
import { shareReads } from './share-reads.ts';

export interface QueueGauges {
  readonly reader: Pick<QueueReader, 'read'>;
  readonly figures: Pick<QueueFiguresReader, 'read'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Adds gauges of the queue and of its Redis, read when they are asked for. They are the same of whichever worker is
 * asked, so whoever reads them takes the maximum, not the sum; they keep their last value while Redis is away.
 */
export function addQueueGauges(registry: Registry, { reader, figures, now }: QueueGauges): void {
  const registers = [registry];
  const readCounts = shareReads(() => reader.read());
  const readFigures = shareReads(() => figures.read());
  new Gauge({
    name: 'sluice_queue_deliveries',
    help: 'Deliveries in the queue, by state',
    labelNames: ['state'],
    registers,
    async collect() {
      const state = await readCounts();
      if (!state) return;
      const { waiting, active, delayed, dead } = state;
      for (const [name, count] of Object.entries({ waiting, active, delayed, dead })) {
        this.set({ state: name }, count);
      }
    },
  });
  const gauge = (name: string, help: string, tell: (figures: QueueFigures) => number) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const told = await readFigures();
        if (told) this.set(tell(told));
      },
    });
  gauge(
    'sluice_oldest_waiting_seconds',
    'Age of the delivery that has waited longest to be taken for the first time; 0 if none waits',
    ({ oldestUntaken = now() }) => Math.max(0, now() - oldestUntaken) / 1000,
  );
  gauge('sluice_redis_memory_used_bytes', 'What Redis uses of its memory', ({ redis }) => redis.usedBytes);
  gauge('sluice_redis_memory_max_bytes', 'Its maxmemory; 0 if it has none', ({ redis }) => redis.maxBytes);
  gauge('sluice_redis_aof_bytes', 'Size of the append-only file', ({ redis }) => redis.appendOnlyBytes);
  addPersistence(registry, readFigures);
  addReplays(registry, readFigures);
}

type Read = () => Promise<QueueFigures | undefined>;

function addPersistence(registry: Registry, read: Read): void {
  new Gauge({
    name: 'sluice_redis_persistence_ok',
    help: '1 if what is acknowledged is kept: there is an append-only file, its last write and last rewrite went well',
    labelNames: ['check'],
    registers: [registry],
    async collect() {
      const told = await read();
      if (!told) return;
      const checks: RedisHealth['persistence'] = told.redis.persistence;
      for (const [check, isOk] of Object.entries(checks)) this.set({ check }, isOk ? 1 : 0);
    },
  });
}

function addReplays(registry: Registry, read: Read): void {
  new Gauge({
    name: 'sluice_replays',
    help: 'Replays that have not come to an end: that run, and that are paused',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      const told = await read();
      if (!told) return;
      for (const [state, count] of Object.entries(told.replays)) this.set({ state }, count);
    },
  });
}
