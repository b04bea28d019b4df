import type { Connections } from '@sluice/config';
import type { Registry } from '@sluice/observability';
import {
  createLedgerReader,
  createOperatorScheduler,
  createQueueReader,
  createQueueStats,
  type Shards,
} from '@sluice/queue';
import { addDeadLetterMetrics } from './metrics/dead-letters.ts';
import { addLedgerGauges } from './metrics/ledger.ts';
import { addConnectionMetrics, addQueueGauges } from './metrics/queue.ts';

export interface QueueMetrics {
  /** Whether a delivery that is at work was dead and has been put back; undefined if Redis cannot be reached. */
  isReplayed(deliveryId: string): Promise<boolean | undefined>;
  /** How many deliveries of the shard with that prefix wait to be taken; undefined if Redis cannot be reached. */
  countWaiting(prefix: string): Promise<number | undefined>;
}

/**
 * Adds the metrics of the whole queue. They are read over the connections of `shards`, which fail at once while Redis is
 * down, so that a scrape is answered; the worker's own connections would wait.
 *
 * @param connections returns the current connections
 */
export function addQueueMetrics(
  registry: Registry,
  shards: Shards,
  connections: () => Connections,
): QueueMetrics {
  const reader = createQueueReader(shards);
  const holds = createOperatorScheduler(shards);
  const figures = createQueueStats(shards);
  const ledger = createLedgerReader(shards);
  addQueueGauges(registry, { reader, stats: figures, now: Date.now });
  addLedgerGauges(registry, { ledger, connections, now: () => performance.now() });
  addDeadLetterMetrics(registry, reader, Date.now);
  addConnectionMetrics(registry, holds, connections);
  return {
    isReplayed: figures.isReplayed,
    countWaiting: reader.countWaiting,
  };
}
