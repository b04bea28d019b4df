import type { DeliveryOutcome } from '@sluice/queue';
import { createDeliveryBackend, enqueueGroup, startShardWorker } from '@sluice/queue/testing';
import { startRedis } from '@sluice/testing';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { PREFIX } from './eager-producer.ts';
import { keepSection } from './keep-section.ts';
import { sizedDelivery } from './memory/sized-deliveries.ts';
import { usedBy } from './memory-now.ts';

const AT_ONCE = 250;
const WINDOW = 48 * 3_600_000;

/** Bytes of an order, and over how many of them it is measured. */
const SIZES = [
  { bytes: 1_000, count: 5_000 },
  { bytes: 8_000, count: 5_000 },
  { bytes: 64_000, count: 1_000 },
] as const;

/** Of an order of 8 kB, in kB. */
const TARGETS = { waiting: 4.5, dead: 6 } as const;

const DELIVERED: DeliveryOutcome = {
  kind: 'delivered',
  eventId: 'evt_01M89CB5F0K4N3J9BHZVM0YQMZ',
  reconciled: false,
};
const DEAD: DeliveryOutcome = {
  kind: 'dead',
  event: 'newOrderCreated',
  reason: 'rejected',
  detail: { message: 'Event newOrderCreated is not known', status: 400, type: 'InvalidPayload' },
};

/** kB in Redis of a delivery in each state, and of its deduplication key, which is in all of them. */
interface Weights {
  readonly order: number;
  readonly waiting: number;
  readonly delivered: number;
  readonly dead: number;
  readonly key: number;
}

/**
 * `npm run bench memory`: what Redis takes for a delivery that waits, is delivered and kept, or is dead; and for the key
 * by which its resend is known. Each by the difference in `used_memory`, over a few thousand of them.
 */
export async function benchMemory(): Promise<void> {
  const server = await startRedis({ own: true });
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  const weights: Weights[] = [];
  for (const { bytes, count } of SIZES) weights.push(await weigh(redis, server.url, bytes, count));
  redis.disconnect();
  await server.stop();
  const text = [
    'kB (1,000 bytes) in Redis of one delivery, with the deduplication key that each has for as long as the window of its source; by the difference in `used_memory`:',
    weightTable(weights),
    targetTable(weights[1]),
  ].join('\n\n');
  const section = { title: 'What a delivery takes in Redis', command: 'npm run bench memory', text };
  await keepSection({ name: 'memory.md', head: HEAD }, section);
}

const HEAD = `# Memory

Written by \`npm run bench memory\`; how: \`bench/memory.ts\`. Orders as Shopify sends them, all different, with that many
lines that each has the size asked for. What processes hold over an hour: [soak-plain.md](soak-plain.md).`;

async function weigh(redis: Redis, url: string, bytes: number, count: number): Promise<Weights> {
  await redis.flushall();
  const empty = await usedBy(redis);
  const each = async () => ((await usedBy(redis)) - empty) / count / 1_000;
  const order = await fill(url, bytes, count);
  const waiting = await each();
  await settle(url, DELIVERED, count);
  const delivered = await each();
  await redis.flushall();
  await fill(url, bytes, count);
  await settle(url, DEAD, count);
  const dead = await each();
  const keys = await redis.keys(`${PREFIX}:deliveries:de:*`);
  await redis.del(...keys);
  return { order, waiting, delivered, dead, key: dead - (await each()) };
}

/** Returns how many kB an order has. */
async function fill(url: string, bytes: number, count: number): Promise<number> {
  const queue = new Queue('deliveries', { connection: { url }, prefix: PREFIX }, createDeliveryBackend);
  let sum = 0;
  for (let first = 0; first < count; first += AT_ONCE) {
    const requests = Array.from({ length: AT_ONCE }, (_, index) => {
      const delivery = sizedDelivery(first + index, bytes);
      sum += Buffer.byteLength(delivery.body);
      return { delivery, deduplicationWindow: WINDOW, priority: 1 };
    });
    await enqueueGroup(queue, requests);
  }
  await queue.close();
  return sum / count / 1_000;
}

/** Lets all that waits come to that. */
async function settle(redisUrl: string, outcome: DeliveryOutcome, count: number): Promise<void> {
  let left = count;
  await new Promise<void>((resolve) => {
    const consumer = startShardWorker({
      ...{ redisUrl, prefix: PREFIX, concurrency: 50, lockDuration: 60_000, stalledInterval: 60_000 },
      keepDelivered: count,
      onError: (error) => process.stderr.write(`${error.message}\n`),
      process: async () => {
        if (--left === 0) setImmediate(() => void consumer.close().then(resolve));
        return outcome;
      },
    });
  });
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

function weightTable(weights: readonly Weights[]): string {
  const rows: readonly [string, keyof Weights][] = [
    ['waiting', 'waiting'],
    ['delivered and kept', 'delivered'],
    ['dead', 'dead'],
    ['the deduplication key alone', 'key'],
  ];
  const sizes = weights.map(({ order }) => `an order of ${order.toFixed(1)} kB`);
  return [
    line(['', ...sizes]),
    line(['---', ...sizes.map(() => '---')]),
    ...rows.map(([title, of]) => line([title, ...weights.map((weight) => weight[of].toFixed(2))])),
  ].join('\n');
}

function targetTable(weights: Weights | undefined): string {
  const rows = (['waiting', 'dead'] as const).map((of) => {
    const [kilobytes, target] = [weights?.[of] ?? Number.NaN, TARGETS[of]];
    return line([
      `an order of 8 kB, ${of}`,
      `≤ ${target} kB`,
      kilobytes.toFixed(2),
      kilobytes <= target ? 'yes' : 'no',
    ]);
  });
  return [line(['target', 'at', 'measured', 'met']), line(['---', '---', '---', '---']), ...rows].join('\n');
}
