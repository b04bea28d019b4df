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
  await wellAgain();
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

/** As ioredis did of its own accord: a command that waits for an answer and was never sent. */
function putOutOfStep(): void {
  const { commandQueue } = queue.redis as unknown as Redis & { commandQueue: { push(item: object): void } };
  const command = new Command('ping');
  command.promise.catch(() => {});
  commandQueue.push({ command, select: 0 });
}

/** Resolves when Redis answers over the connection that is made then. */
async function wellAgain(): Promise<void> {
  const answers = () => queue.redis.ping().then(Boolean, () => false);
  await vi.waitUntil(answers, { timeout: 10_000, interval: 5 });
}

test.each([
  ['one delivery', ['a']],
  ['several', ['a', 'b', 'c']],
])('an answer to something else than %s is not believed, and the connection made anew', async (_, keys) => {
  await enqueueGroup(queue.getOrThrow(), requests('before'));
  putOutOfStep();
  const first = requests(...keys);
  const enqueueing = enqueueGroup(queue.getOrThrow(), first);
  await Promise.allSettled([enqueueing, queue.redis.ping()]);
  await expect(enqueueing).rejects.toThrow(OutOfStepError);
  await wellAgain();
  expect(await enqueueGroup(queue.getOrThrow(), requests(...keys))).toEqual(
    first.map(({ delivery }) => ({ id: delivery.id, duplicate: true })),
  );
});

test('nor is the answer to another enqueue', async () => {
  putOutOfStep();
  const enqueueing = ['a', 'b'].map((key) => enqueueGroup(queue.getOrThrow(), requests(key)));
  const [first] = await Promise.allSettled(enqueueing);
  expect(first).toMatchObject({ status: 'rejected', reason: expect.any(OutOfStepError) });
});
