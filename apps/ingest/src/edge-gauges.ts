import type { Connections } from '@sluice/config';
import { DEFAULT_ANSWER_WITHIN } from '@sluice/events';
import { Gauge, type Registry } from '@sluice/observability';
import type { Producers, RefusalReason } from '@sluice/queue';

/** What the gauges of the edge are read from, when they are asked for. */
export interface EdgeState extends Pick<Producers, 'memoryRatio' | 'refusal'> {
  readonly connections: () => Connections;
}

/** What lasts; the others are what a single enqueue failed of. */
const LASTING = ['away', 'silent', 'memory', 'backlog'] as const satisfies readonly RefusalReason[];

/** Adds what this process knows of Redis and of its sources. */
export function addEdgeGauges(registry: Registry, { memoryRatio, refusal, connections }: EdgeState): void {
  const registers = [registry];
  new Gauge({
    name: 'sluice_redis_memory_ratio',
    help: 'What Redis uses of its maxmemory, when it was last asked; 0 if it has none',
    registers,
    collect() {
      const ratio = memoryRatio();
      if (ratio !== undefined) this.set(ratio);
    },
  });
  new Gauge({
    name: 'sluice_ingest_refusing',
    help: '1 while all webhooks are answered with 503 for this reason: Redis is away, silent, full, or holds too much',
    labelNames: ['reason'],
    registers,
    collect() {
      const reason = refusal()?.reason;
      for (const one of LASTING) this.set({ reason: one }, one === reason ? 1 : 0);
    },
  });
  new Gauge({
    name: 'sluice_source_deadline_seconds',
    help: 'In which the platforms of a source want their answer',
    labelNames: ['source'],
    registers,
    collect() {
      this.reset();
      for (const { source } of connections().all()) {
        this.set({ source: source.name }, (source.answerWithin ?? DEFAULT_ANSWER_WITHIN) / 1000);
      }
    },
  });
}
