import type { FindResult } from '@sluice/botpress';
import { ANSWER_BUCKETS, Counter, Gauge, Histogram, LAG_BUCKETS, type Registry } from '@sluice/observability';
import type { QueueReader } from '@sluice/queue';
import type { Attempt } from './process-delivery.ts';
import { shareReads } from './share-reads.ts';

/** Labels come from configuration and closed lists, never from what a request says. */
export interface WorkerMetrics {
  /** Counts one attempt. `seconds`: how long it took; `now`: milliseconds since the epoch. */
  record(attempt: Attempt, seconds: number, now: number): void;
  /** Counts a look for the event of an attempt whose answer was lost. */
  recordLook(result: FindResult['kind']): void;
}

export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  const registers = [registry];
  const attempts = new Counter({
    name: 'sluice_attempts_total',
    help: 'Attempts to create an event, by outcome (dead: with its reason)',
    labelNames: ['source', 'event', 'outcome', 'reason'],
    registers,
  });
  const duration = new Histogram({
    name: 'sluice_attempt_duration_seconds',
    help: 'How long one attempt took',
    buckets: ANSWER_BUCKETS,
    registers,
  });
  const lag = new Histogram({
    name: 'sluice_delivery_lag_seconds',
    help: 'From when it happened (or was received) to its event',
    labelNames: ['source'],
    buckets: LAG_BUCKETS,
    registers,
  });
  const reconciliations = new Counter({
    name: 'sluice_reconciliations_total',
    help: 'Looks for the event of an attempt whose answer was lost, by what they came to',
    labelNames: ['result'],
    registers,
  });
  return {
    recordLook: (result) => reconciliations.inc({ result }),
    record({ outcome, delivery, event }, seconds, now) {
      const source = delivery?.source ?? 'unknown';
      const reason = outcome.kind === 'dead' ? outcome.reason : '';
      attempts.inc({ source, event: event ?? 'none', outcome: outcome.kind, reason });
      duration.observe(seconds);
      if (outcome.kind !== 'delivered' || !delivery) return;
      const since = delivery.occurredAt ?? delivery.receivedAt;
      // A platform's clock may be ahead of ours.
      lag.observe({ source }, Math.max(0, now - since) / 1000);
    },
  };
}

/** Adds gauges of the queue, read when they are asked for. They keep their last value while Redis is away. */
export function addQueueMetrics(registry: Registry, reader: QueueReader, now: () => number): void {
  const registers = [registry];
  const read = shareReads(() => reader.read());
  new Gauge({
    name: 'sluice_oldest_waiting_seconds',
    help: 'Age of the delivery that has waited longest to be taken; 0 if none waits',
    registers,
    async collect() {
      const state = await read();
      if (!state) return;
      const { oldestWaiting } = state;
      this.set(oldestWaiting === undefined ? 0 : Math.max(0, now() - oldestWaiting) / 1000);
    },
  });
  new Gauge({
    name: 'sluice_queue_deliveries',
    help: 'Deliveries in the queue, by state',
    labelNames: ['state'],
    registers,
    async collect() {
      const state = await read();
      if (!state) return;
      const { oldestWaiting: _, ...counts } = state;
      for (const [name, count] of Object.entries(counts)) this.set({ state: name }, count);
    },
  });
}
