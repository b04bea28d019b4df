import type { Connections } from '@sluice/config';
import type { Registry } from '@sluice/observability';
import { createLedgerReader, createOperatorScheduler, createQueueStats, type Shards } from '@sluice/queue';
import { addDeadLetterMetrics } from './dead-letters.ts';
import { addLedgerGauges } from './ledger.ts';
import { addConnectionMetrics, addQueueGauges } from './queue.ts';

export interface QueueMetrics {
  /**
   * Returns how many deliveries of a shard are waiting; `undefined` if Redis cannot be reached.
   *
   * @param prefix key prefix of the shard
   */
  countWaiting(prefix: string): Promise<number | undefined>;
}

/**
 * Registers the metrics of the whole queue. They are read over the connections of `shards`, which fail at once while
 * Redis is down, so that a scrape gets a response; the worker's own connections would wait.
 *
 * @param connections returns the current connections
 */
export function addQueueMetrics(
  registry: Registry,
  shards: Shards,
  connections: () => Connections,
): QueueMetrics {
  const stats = createQueueStats(shards);
  const ledger = createLedgerReader(shards);
  addQueueGauges(registry, { stats, now: Date.now });
  addLedgerGauges(registry, { ledger, connections, now: () => performance.now() });
  addDeadLetterMetrics(registry, stats, Date.now);
  addConnectionMetrics(registry, createOperatorScheduler(shards), connections);
  return { countWaiting: stats.countWaiting };
}
