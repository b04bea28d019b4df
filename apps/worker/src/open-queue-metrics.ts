import type { Connections } from '@sluice/config';
import type { Registry } from '@sluice/observability';
import { openOperatorGate, openQueueReader } from '@sluice/queue';
import { addConnectionMetrics } from './connection-metrics.ts';
import { addDeadLetterMetrics } from './dead-letter-metrics.ts';
import { addQueueMetrics } from './worker-metrics.ts';

/** What opens the queue for looking at it. */
type Options = Omit<Parameters<typeof openQueueReader>[0], 'name'>;

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
): { close(): Promise<void> } {
  const reader = openQueueReader({ ...options, name: 'sluice-worker-metrics' });
  const holds = openOperatorGate({ ...options, name: 'sluice-worker-holds' });
  addQueueMetrics(registry, reader, Date.now);
  addDeadLetterMetrics(registry, reader, Date.now);
  addConnectionMetrics(registry, holds, connections);
  return {
    close: async () => {
      await reader.close();
      await holds.close();
    },
  };
}
