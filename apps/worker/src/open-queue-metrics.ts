import type { Connections } from '@sluice/config';
import type { Registry } from '@sluice/observability';
import { openLedgerReader, openOperatorScheduler, openQueueReader, openQueueStats } from '@sluice/queue';
import { addDeadLetterMetrics } from './metrics/dead-letters.ts';
import { addLedgerGauges } from './metrics/ledger.ts';
import { addConnectionMetrics, addQueueGauges } from './metrics/queue.ts';

/** What opens the queue for looking at it. */
type Options = Omit<Parameters<typeof openQueueReader>[0], 'name'>;

export interface QueueMetrics {
  /** Whether a delivery that is at work was dead and has been put back; undefined if Redis cannot be reached. */
  isReplayed(deliveryId: string): Promise<boolean | undefined>;
  /** How many deliveries of the shard with that prefix wait to be taken; undefined if Redis cannot be reached. */
  countWaiting(prefix: string): Promise<number | undefined>;
  close(): Promise<void>;
}

/**
 * Adds the metrics of the whole queue, with connections of their own: whoever asks for metrics while Redis is away is
 * answered, which the workers' own connections would let wait.
 *
 * @param connections those that there are now
 */
export function openQueueMetrics(
  registry: Registry,
  options: Options,
  connections: () => Connections,
): QueueMetrics {
  const reader = openQueueReader({ ...options, name: 'sluice-worker-metrics' });
  const holds = openOperatorScheduler({ ...options, name: 'sluice-worker-holds' });
  const figures = openQueueStats({ ...options, name: 'sluice-worker-figures' });
  const ledger = openLedgerReader({ ...options, name: 'sluice-worker-ledger' });
  addQueueGauges(registry, { reader, stats: figures, now: Date.now });
  addLedgerGauges(registry, { ledger, connections, now: () => performance.now() });
  addDeadLetterMetrics(registry, reader, Date.now);
  addConnectionMetrics(registry, holds, connections);
  return {
    isReplayed: figures.isReplayed,
    countWaiting: reader.countWaiting,
    close: async () => {
      await reader.close();
      await holds.close();
      await figures.close();
      await ledger.close();
    },
  };
}
