import type { Connections } from '@sluice/config';
import { DEFAULT_ANSWER_WITHIN } from '@sluice/events';
import { createGauge, type Registry } from '@sluice/observability';
import type { EnqueueRejectionReason, Producers } from '@sluice/queue';

/** What the gauges of the edge are read from, when they are asked for. */
export interface EdgeState extends Pick<Producers, 'memoryRatio' | 'refusal'> {
  readonly connections: () => Connections;
}

/** What lasts; the others are what a single enqueue failed of. */
const LASTING = ['away', 'silent', 'memory', 'backlog'] as const satisfies readonly EnqueueRejectionReason[];

/** Adds what this process knows of Redis and of its sources. */
export function addEdgeGauges(registry: Registry, { memoryRatio, refusal, connections }: EdgeState): void {
  createGauge(registry, 'sluice_redis_memory_ratio', (gauge) => {
    const ratio = memoryRatio();
    if (ratio !== undefined) gauge.set(ratio);
  });
  createGauge(registry, 'sluice_ingest_refusing', (gauge) => {
    const reason = refusal()?.reason;
    for (const one of LASTING) gauge.set({ reason: one }, one === reason ? 1 : 0);
  });
  createGauge(registry, 'sluice_source_deadline_seconds', (gauge) => {
    gauge.reset();
    for (const { source } of connections().all()) {
      gauge.set({ source: source.name }, (source.answerWithin ?? DEFAULT_ANSWER_WITHIN) / 1000);
    }
  });
}
