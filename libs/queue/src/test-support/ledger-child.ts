/**
 * A process for tests to kill: enqueues 2,000 deliveries, or delivers all waiting ones, and prints a line
 * for each group or delivery that Redis has acknowledged.
 */
import { randomUUID } from 'node:crypto';
import { UnrecoverableError, Worker } from 'bullmq';
import { createDeliveryBackend } from '../bullmq/backend.ts';
import { QUEUE_NAME } from '../bullmq/layout.ts';
import { openDeliveryQueue } from '../bullmq/open-queue.ts';
import { enqueueGroup } from '../enqueue/enqueuer.ts';

const [role, url = '', prefix = ''] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

async function enqueue(): Promise<void> {
  const { reached, get, close } = openDeliveryQueue({ url, prefix, name: 'child', onError: () => {} });
  await reached;
  const queue = get();
  if (!queue) throw new Error('Redis is away');
  const groups = Array.from({ length: 100 }, (_, group) =>
    Array.from({ length: 20 }, (_, number) => compose(group * 20 + number)),
  ).values();
  const work = async () => {
    for (const group of groups) say(String((await enqueueGroup(queue, group)).length));
  };
  await Promise.all(Array.from({ length: 8 }, work));
  await close();
}

/** Of five connections; every seventh is a resend. */
function compose(number: number) {
  const id = `dlv_${randomUUID()}` as const;
  const original = number % 7 === 6 ? number - 1 : number;
  const delivery = {
    id,
    connection: `shop-${original % 5}`,
    source: 'shopify',
    topic: 'orders/create',
    idempotencyKey: String(original),
    receivedAt: Date.now(),
    body: '{}',
    headers: {},
  };
  return { delivery, deduplicationWindow: 3_600_000 };
}

function deliver(): void {
  const worker = new Worker(
    QUEUE_NAME,
    async ({ data }) => {
      if (data.key.endsWith('3')) throw new UnrecoverableError('dead');
      return { eventId: 'evt', reconciled: data.key.endsWith('5') };
    },
    { connection: { url }, prefix, concurrency: 20, lockDuration: 500, stalledInterval: 500 },
    createDeliveryBackend,
  );
  worker.on('completed', ({ id }) => say(`${id}`));
  worker.on('failed', (job) => say(`${job?.id}`));
  worker.on('error', () => {});
}

function fail(): void {
  // Redis was killed first. The test waits for more lines than were printed.
  process.exitCode = 1;
}

if (role === 'enqueue') await enqueue().catch(fail);
else deliver();
