import { createDeliveryBackend, enqueueGroup, startShardWorker } from '@sluice/queue/testing';
import { Queue } from 'bullmq';
import { deathOf, deliveryOf } from './deaths.ts';

export const PREFIX = '{sluice}';

const GROUP = 250;

/** Creates that many dead letters as a worker does, through the queue. */
export async function seed(redisUrl: string, count: number): Promise<void> {
  const queue = new Queue(
    'deliveries',
    { connection: { url: redisUrl }, prefix: PREFIX },
    createDeliveryBackend,
  );
  for (let first = 0; first < count; first += GROUP) {
    const requests = Array.from({ length: Math.min(GROUP, count - first) }, (_, index) => ({
      delivery: deliveryOf(first + index),
      deduplicationWindow: 3_600_000,
    }));
    await enqueueGroup(queue, requests);
  }
  let left = count;
  await new Promise<void>((resolve) => {
    const consumer = startShardWorker({
      redisUrl,
      prefix: PREFIX,
      concurrency: 100,
      lockDuration: 60_000,
      stalledInterval: 60_000,
      keepDelivered: 100,
      onError: (error) => process.stderr.write(`${error.message}\n`),
      process: async ({ reading }) => {
        left--;
        if (left === 0) setTimeout(() => void consumer.close().then(resolve), 1_000);
        return deathOf(reading.ok ? Number(reading.delivery.idempotencyKey) : 0);
      },
    });
  });
  await queue.close();
}
