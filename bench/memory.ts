import { consumeDeliveries, createLedgerBackend, type DeliveryOutcome, enqueueGroup } from '@sluice/queue';
import { startRedis } from '@sluice/testing';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { deliveryOf } from './dead-letters/deaths.ts';

const PREFIX = '{sluice}';
const COUNT = 5_000;
const AT_ONCE = 500;
const WINDOW = 3_600_000;

const DELIVERED: DeliveryOutcome = {
  kind: 'delivered',
  eventId: 'evt_01M89CB5F0K4N3J9BHZVM0YQMZ',
  reconciled: false,
};
const DEAD: DeliveryOutcome = {
  kind: 'dead',
  reason: 'rejected',
  detail: { message: 'Event newOrderCreated is not known', status: 400, type: 'InvalidPayload' },
};

/**
 * `npm run bench memory`: what Redis takes for a delivery of 8 kB that waits, is delivered and kept, or is dead; and for
 * the key by which its resend is known. Each by the difference in `used_memory`, over 5,000 of them.
 */
export async function benchMemory(): Promise<void> {
  const server = await startRedis({ own: true });
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  const queue = new Queue(
    'deliveries',
    { connection: { url: server.url }, prefix: PREFIX },
    createLedgerBackend,
  );
  const rows: (readonly [string, number])[] = [];
  const empty = await used(redis);
  await fill(queue);
  const waiting = await used(redis);
  rows.push(['waiting, with the key of its resend', waiting - empty]);
  await settle(server.url, DELIVERED);
  rows.push(['delivered and kept, with that key', (await used(redis)) - empty]);
  await redis.flushall();
  await fill(queue);
  await settle(server.url, DEAD);
  const dead = await used(redis);
  rows.push(['dead, with that key', dead - empty]);
  const keys = await redis.keys(`${PREFIX}:deliveries:de:*`);
  await redis.del(...keys);
  rows.push(['that key', dead - (await used(redis))]);
  const body = Array.from({ length: COUNT }, (_, index) => deliveryOf(index).body.length);
  const mean = body.reduce((sum, length) => sum + length, 0) / COUNT;
  process.stdout.write(
    `an order has ${(mean / 1_000).toFixed(1)} kB\n\n| a delivery | kB in Redis |\n|---|---|\n`,
  );
  for (const [name, bytes] of rows) {
    process.stdout.write(`| ${name} | ${(bytes / COUNT / 1_000).toFixed(2)} |\n`);
  }
  await queue.close();
  redis.disconnect();
  await server.stop();
}

async function fill(queue: Queue): Promise<void> {
  for (let first = 0; first < COUNT; first += AT_ONCE) {
    const requests = Array.from({ length: AT_ONCE }, (_, index) => ({
      delivery: deliveryOf(first + index),
      deduplicationWindow: WINDOW,
    }));
    await enqueueGroup(queue, requests);
  }
}

/** Lets all that waits come to that. */
async function settle(redisUrl: string, outcome: DeliveryOutcome): Promise<void> {
  let left = COUNT;
  await new Promise<void>((resolve) => {
    const consumer = consumeDeliveries({
      ...{ redisUrl, prefix: PREFIX, concurrency: 50, lockDuration: 60_000, stalledInterval: 60_000 },
      keepDelivered: COUNT,
      onError: (error) => process.stderr.write(`${error.message}\n`),
      process: async () => {
        if (--left === 0) setImmediate(() => void consumer.close().then(resolve));
        return outcome;
      },
    });
  });
}

/** Bytes. */
async function used(redis: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
}
