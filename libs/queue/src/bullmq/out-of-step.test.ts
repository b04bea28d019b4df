import { makeDelivery, type RunningRedis, startRedis } from '@sluice/testing';
import { Command, type Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { OutOfStepError } from './execute-atomically.ts';
import { type DeliveryQueueHandle, openDeliveryQueue } from './open-queue.ts';

let redis: RunningRedis;
let queue: DeliveryQueueHandle;

beforeAll(async () => {
  redis = await startRedis({ own: true });
  queue = openDeliveryQueue({ url: redis.url, name: 'sluice-test', prefix: '{sluice}', onError: () => {} });
  await queue.reached;
});

afterEach(async () => {
  await reconnected();
  await queue.redis.flushall();
});

afterAll(async () => {
  await queue.close();
  await redis.stop();
});

const requests = (...keys: string[]) =>
  keys.map((idempotencyKey) => ({
    delivery: makeDelivery({ idempotencyKey }),
    deduplicationWindow: 60_000,
  }));

/** Does what ioredis once did: a command waits for a reply and was never sent. */
function putOutOfStep(): void {
  const { commandQueue } = queue.redis as unknown as Redis & { commandQueue: { push(item: object): void } };
  const command = new Command('ping');
  command.promise.catch(() => {});
  commandQueue.push({ command, select: 0 });
}

/** Resolves when Redis replies over the new connection. */
async function reconnected(): Promise<void> {
  const replies = () => queue.redis.ping().then(Boolean, () => false);
  await vi.waitUntil(replies, { timeout: 10_000, interval: 5 });
}

test.each([
  ['one delivery', ['a']],
  ['several', ['a', 'b', 'c']],
])('rejects an enqueue of %s whose reply belongs to another command, and reconnects', async (_, keys) => {
  await enqueueGroup(queue.getOrThrow(), requests('before'));
  putOutOfStep();
  const first = requests(...keys);
  const enqueueing = enqueueGroup(queue.getOrThrow(), first);
  await Promise.allSettled([enqueueing, queue.redis.ping()]);
  await expect(enqueueing).rejects.toThrow(OutOfStepError);
  await reconnected();
  expect(await enqueueGroup(queue.getOrThrow(), requests(...keys))).toEqual(
    first.map(({ delivery }) => ({ id: delivery.id, duplicate: true })),
  );
});

test('rejects an enqueue that gets the reply to another enqueue', async () => {
  putOutOfStep();
  const enqueueing = ['a', 'b'].map((key) => enqueueGroup(queue.getOrThrow(), requests(key)));
  const [first] = await Promise.allSettled(enqueueing);
  expect(first).toMatchObject({ status: 'rejected', reason: expect.any(OutOfStepError) });
});
