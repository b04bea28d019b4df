import { EventEmitter, once } from 'node:events';
import { makeDelivery, type RunningRedis, startRedis } from '@sluice/testing';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { QUEUE_NAME } from '../bullmq/layout.ts';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { readAttemptNotes } from '../records/attempt.ts';
import { readFailure } from '../records/failure.ts';
import type { DeliveryOutcome } from '../records/outcome.ts';
import { startShardWorker } from '../worker.ts';
import type { Consumer, ReservedJob } from './consumer.ts';

let redis: RunningRedis;
let queue: Queue;
let consumer: Consumer | undefined;
let client: Redis;

beforeAll(async () => {
  redis = await startRedis({ own: true });
  queue = new Queue(QUEUE_NAME, { connection: { url: redis.url }, prefix: '{sluice}' });
  queue.on('error', () => {});
  client = new Redis(redis.url);
});

afterEach(async () => {
  await consumer?.close();
  consumer = undefined;
  await queue.obliterate({ force: true });
});

afterAll(async () => {
  await queue.close();
  client.disconnect();
  await redis.stop();
});

/** Consumes one delivery with these outcomes, one per reservation. Returns its id and its reservations. */
async function consume(...outcomes: DeliveryOutcome[]): Promise<{ id: string; taken: ReservedJob[] }> {
  const [enqueued] = await enqueueGroup(queue, [{ delivery: makeDelivery(), deduplicationWindow: 60_000 }]);
  const taken: ReservedJob[] = [];
  consumer = startShardWorker({
    redisUrl: redis.url,
    prefix: '{sluice}',
    concurrency: 5,
    lockDuration: 5_000,
    stalledInterval: 5_000,
    keepDelivered: 100,
    onError: () => {},
    process: async (one) => {
      taken.push(one);
      return outcomes[taken.length - 1] ?? { kind: 'delivered', eventId: 'evt_late', reconciled: false };
    },
  });
  return { id: enqueued?.id ?? '', taken };
}

const stateBecomes = (id: string, state: string) =>
  vi.waitUntil(async () => (await queue.getJobState(id)) === state, { timeout: 10_000, interval: 5 });

test('completes a delivered delivery and stores the id of its event', async () => {
  const { id, taken } = await consume({ kind: 'delivered', eventId: 'evt_1', reconciled: false });
  await stateBecomes(id, 'completed');
  expect((await queue.getJob(id))?.returnvalue).toEqual({ eventId: 'evt_1', reconciled: false });
  expect(taken[0]).toMatchObject({
    attemptsMade: 0,
    reading: { ok: true, delivery: { id, topic: 'orders/create' } },
  });
});

test('delays a retried delivery for the stated time and counts the attempt', async () => {
  const { id } = await consume({ kind: 'retry', after: 3_600_000, cause: 'refused', reason: '503 Internal' });
  await stateBecomes(id, 'delayed');
  const job = await queue.getJob(id);
  expect(job).toMatchObject({ attemptsMade: 1, delay: 3_600_000, failedReason: '503 Internal' });
});

test('reserves a retried delivery again', async () => {
  const { id, taken } = await consume(
    { kind: 'retry', after: 1, cause: 'refused', reason: 'once' },
    { kind: 'retry', after: 1, cause: 'refused', reason: 'twice' },
  );
  await stateBecomes(id, 'completed');
  expect(taken.map(({ attemptsMade }) => attemptsMade)).toEqual([0, 1, 2]);
});

const LATER = Date.now() + 3_600_000;

test.each([
  { kind: 'paced', until: LATER },
  { kind: 'verifying', until: LATER },
] as const)('delays a $kind delivery without counting an attempt', async (outcome) => {
  const { id } = await consume(outcome);
  await stateBecomes(id, 'delayed');
  const job = await queue.getJob(id);
  expect(job?.attemptsMade).toBe(0);
  expect(job?.delay).toBeGreaterThan(3_500_000);
});

test('dispatches a delivery that waits in its connection queue long before its timeout', async () => {
  const bot = { id: 'bot', eventsPerMinute: 600 };
  const lane = { connection: 'acme', bot, share: 1 };
  const { id, taken } = await consume({ kind: 'paced', until: LATER, lane });
  await stateBecomes(id, 'completed');
  expect(taken.map(({ attemptsMade }) => attemptsMade)).toEqual([0, 0]);
});

test('leaves a delivery that another worker has reserved', async () => {
  const { id, taken } = await consume({ kind: 'lost' });
  await vi.waitUntil(() => taken.length > 0, { timeout: 10_000, interval: 5 });
  // BullMQ needs the lock to handle an error. In this test the lock is valid, so it retries.
  await stateBecomes(id, 'delayed');
  expect((await queue.getJob(id))?.failedReason).toBe('another worker has the delivery by now');
});

test('moves a dead delivery to the failed set with its reason and a note of the attempt in place of a stack', async () => {
  const detail = { message: 'no', status: 400, type: 'InvalidPayload', errorId: 'err_1' };
  const { id, taken } = await consume({ kind: 'dead', reason: 'rejected', detail });
  await stateBecomes(id, 'failed');
  const job = await queue.getJob(id);
  const origin = { connection: 'acme-orders', source: 'shopify', topic: 'orders/create' };
  const group = expect.stringMatching(/^[0-9a-f]{16}$/);
  expect(job?.failedReason).toBe('no');
  const failure = (await client.hget(queue.toKey(id), 'sl:failure')) ?? '';
  expect(readFailure(failure, 'no')).toEqual({ reason: 'rejected', group, origin, detail });
  expect(job?.stacktrace).toHaveLength(1);
  expect(readAttemptNotes(job?.stacktrace ?? [])).toEqual([
    {
      at: job?.processedOn,
      ms: expect.any(Number),
      outcome: 'rejected',
      message: 'no',
      status: 400,
      type: 'InvalidPayload',
      errorId: 'err_1',
    },
  ]);
  expect(taken).toHaveLength(1);
});

test('reads a job that BullMQ failed as crashed', () => {
  expect(readFailure('', 'job stalled more than allowable limit')).toEqual({
    reason: 'crashed',
    detail: { message: 'job stalled more than allowable limit' },
  });
});

test('reports job data of an unknown version', async () => {
  await queue.add('orders/create', { v: 9, anything: true }, { jobId: 'dlv_newer' });
  const { taken } = await consume({ kind: 'paced', until: Date.now() + 3_600_000 });
  await vi.waitUntil(() => taken.length === 2, { timeout: 10_000, interval: 5 });
  expect(taken.map(({ reading }) => reading)).toContainEqual({
    ok: false,
    why: 'Job data of version 9 cannot be read. This version of Sluice reads versions 1 and 2.',
  });
});

test('reserves no more deliveries after close, which waits for those in flight', async () => {
  await enqueueGroup(queue, [{ delivery: makeDelivery(), deduplicationWindow: 60_000 }]);
  const signals = new EventEmitter();
  const started = once(signals, 'started');
  const finish = once(signals, 'finish');
  const own = startShardWorker({
    redisUrl: redis.url,
    prefix: '{sluice}',
    concurrency: 1,
    lockDuration: 5_000,
    stalledInterval: 5_000,
    keepDelivered: 100,
    onError: () => {},
    process: async () => {
      signals.emit('started');
      await finish;
      return { kind: 'delivered', eventId: 'evt_1', reconciled: false };
    },
  });
  await started;
  const closing = own.close();
  await enqueueGroup(queue, [{ delivery: makeDelivery(), deduplicationWindow: 60_000 }]);
  signals.emit('finish');
  await closing;
  expect(await queue.getJobCounts('completed', 'wait', 'active')).toEqual({
    completed: 1,
    wait: 1,
    active: 0,
  });
});
