import { setTimeout as pause } from 'node:timers/promises';
import { type EnqueueRequest, openProducer, type Producer } from '@sluice/queue/testing';

export const PREFIX = '{sluice}';

/** Opens ingest's side of the queue with marks so high that nothing is refused, and waits until it is ready. */
export async function openEagerProducer(redisUrl: string): Promise<Producer> {
  const producer = openProducer({ ...OPTIONS, redisUrl });
  await producer.reached;
  while (!producer.isReady()) await pause(20);
  return producer;
}

const OPTIONS = {
  prefix: PREFIX,
  deadline: 60_000,
  maxPending: 10_000,
  maxPendingBytes: 2 ** 30,
  maxBacklog: 10_000_000,
  memoryWatermarkPercent: 100,
  onShedding: () => {},
  onError: () => {},
};

/** @throws an Error if they are not enqueued */
export async function enqueue({ enqueuer }: Producer, requests: readonly EnqueueRequest[]): Promise<void> {
  const result = await enqueuer.enqueue(requests);
  if (!result.ok) throw new Error(`not enqueued: ${result.why}`);
}
