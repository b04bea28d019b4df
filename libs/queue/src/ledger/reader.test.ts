import { randomInt } from 'node:crypto';
import { makeDelivery, type RunningRedis, startRedis } from '@sluice/testing';
import { type Job, Queue, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDeliveryBackend } from '../bullmq/backend.ts';
import { QUEUE_NAME } from '../bullmq/layout.ts';
import { type DeliveryQueue, type DeliveryQueueHandle, openDeliveryQueue } from '../bullmq/open-queue.ts';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { storeDelivery } from '../records/delivery.ts';
import { openShards, type Shards } from '../sharding/across-shards.ts';
import { openTaker } from '../test-support/open-taker.ts';
import { createLedgerReader, type LedgerReader } from './reader.ts';

const PREFIX = '{sluice}';
const HOUR = 3_600_000;
/** BullMQ's code for a job that does not exist. */
const GONE = -1;

let server: RunningRedis;
let redis: Redis;
let reachable: DeliveryQueueHandle;
let queue: DeliveryQueue;
let reader: LedgerReader;
let shards: Shards;

beforeAll(async () => {
  server = await startRedis({ own: true });
  const options = { url: server.url, name: 'test', prefix: PREFIX, onError: () => {} };
  redis = new Redis(server.url, { maxRetriesPerRequest: null });
  reachable = openDeliveryQueue(options);
  shards = openShards(options);
  reader = createLedgerReader(shards);
  await Promise.all([reachable.reached, shards.reached]);
  queue = reachable.get() as DeliveryQueue;
});

beforeEach(() => redis.flushall());

afterAll(async () => {
  await Promise.all([reachable.close(), shards.close()]);
  redis.disconnect();
  await server.stop();
});

const request = (changes: object = {}) => ({ delivery: makeDelivery(changes), deduplicationWindow: HOUR });

const enqueue = (count: number, changes: object = {}) =>
  enqueueGroup(
    queue,
    Array.from({ length: count }, () => request(changes)),
  );

describe('readLedger', () => {
  test('returns an empty ledger that balances for an empty Redis', async () => {
    expect(await reader.readLedger()).toMatchObject({
      rows: [],
      total: { accepted: 0, pending: 0 },
      stored: { pending: 0, dead: 0 },
      holds: true,
    });
  });

  test('lists connections by name, with their total', async () => {
    await enqueue(2, { connection: 'b' });
    await enqueue(3, { connection: 'a' });
    const { rows, total } = await reader.readLedger();
    expect(rows.map(({ connection, pending }) => [connection, pending])).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
    expect(total).toMatchObject({ accepted: 5, pending: 5, delivered: 0 });
  });

  test('reports a stored delivery that is missing, and one that was not counted', async () => {
    await enqueue(3);
    await redis.rpop(`${PREFIX}:deliveries:wait`);
    expect(await reader.readLedger()).toMatchObject({
      holds: false,
      differences: [{ of: 'pending', counted: 3, stored: 2 }],
    });
    await redis.zadd(`${PREFIX}:deliveries:failed`, 1, 'dlv_stray');
    expect((await reader.readLedger()).differences).toEqual([
      { of: 'pending', counted: 3, stored: 2 },
      { of: 'dead', counted: 0, stored: 1 },
    ]);
  });

  test('reports a counter below zero', async () => {
    await enqueue(1, { connection: 'a' });
    await enqueue(1, { connection: 'b' });
    await redis.hincrby(`${PREFIX}:ledger`, 'a\0accepted', 2);
    await redis.hincrby(`${PREFIX}:ledger`, 'b\0accepted', -2);
    const { differences, holds } = await reader.readLedger();
    expect({ differences, holds }).toEqual({
      differences: [{ connection: 'b', of: 'pending', counted: -1 }],
      holds: false,
    });
  });
});

describe('a queue from before the ledger', () => {
  /** As versions without a ledger did: three wait, one is active, one delayed, two dead, one delivered. */
  async function fillWithoutLedger(): Promise<Job> {
    const plain = new Queue(QUEUE_NAME, { connection: redis, prefix: PREFIX });
    const worker = new Worker(QUEUE_NAME, null, {
      connection: { url: server.url },
      prefix: PREFIX,
      autorun: false,
      settings: { backoffStrategy: () => HOUR },
    });
    await plain.addBulk(
      Array.from({ length: 8 }, () => makeDelivery()).map((delivery) => ({
        name: 'orders/create',
        data: storeDelivery(delivery),
        opts: { jobId: delivery.id, attempts: 10, backoff: { type: 'settled' } },
      })),
    );
    const take = async () => (await worker.getNextJob('token')) as Job;
    await (await take()).moveToCompleted({ eventId: 'evt' }, 'token', false);
    await (await take()).moveToFailed(new Error('later'), 'token', false);
    for (let dead = 0; dead < 2; dead++) {
      await (await take()).moveToFailed(new UnrecoverableError('no'), 'token', false);
    }
    const active = await take();
    await worker.close();
    return active;
  }

  test('has its own row, before and after the first counter is written', async () => {
    await fillWithoutLedger();
    const before = await reader.readLedger();
    expect(before).toMatchObject({
      holds: true,
      rows: [{ connection: '', accepted: 7, dead: 2, pending: 5 }],
    });
    await enqueue(1);
    const { rows, holds } = await reader.readLedger();
    expect(holds).toBe(true);
    expect(rows).toMatchObject([
      { connection: '', accepted: 7, dead: 2, pending: 5 },
      { connection: 'acme-orders', accepted: 1, pending: 1 },
    ]);
  });

  test('is counted in that row, regardless of which operation comes first', async () => {
    await fillWithoutLedger();
    const worker = new Worker(
      QUEUE_NAME,
      async () => ({ eventId: 'evt', reconciled: false }),
      { connection: { url: server.url }, prefix: PREFIX },
      createDeliveryBackend,
    );
    const waits = async () => (await reader.readLedger()).stored.pending;
    // All except the delayed delivery and the active one, whose lock belongs to another worker.
    await vi.waitUntil(async () => (await waits()) === 2, { timeout: 10_000, interval: 5 });
    const [dead] = await queue.getFailed();
    await dead?.retry('failed');
    await vi.waitUntil(async () => (await waits()) === 2, { timeout: 10_000, interval: 5 });
    await worker.close();
    const [delayed] = await queue.getDelayed();
    await queue.getBackend().removeAs(delayed?.id ?? '', 'erased');
    const { rows, holds } = await reader.readLedger();
    expect({ rows, holds }).toMatchObject({
      holds: true,
      rows: [{ connection: '', accepted: 7, delivered: 4, erased: 1, replayed: 1, dead: 1, pending: 1 }],
    });
    expect([...(await reader.countStored())]).toEqual([['', { pending: 1, dead: 1 }]]);
  });
});

describe('countStored', () => {
  test('counts pending and dead deliveries by connection over many pages, without reading bodies', async () => {
    for (const connection of ['a', 'b', 'c']) await enqueue(1_500, { connection });
    const worker = openTaker(server.url, { prefix: PREFIX });
    for (let number = 0; number < 3; number++) {
      const job = (await worker.getNextJob('token')) as Job;
      if (number === 0) await job.moveToCompleted({ eventId: 'evt' }, 'token', false);
      if (number === 1) await job.moveToFailed(new UnrecoverableError('no'), 'token', false);
    }
    await worker.close();
    const [{ id } = { id: '' }] = await enqueue(1, { connection: 'd' });
    await redis.hset(`${PREFIX}:deliveries:${id}`, 'data', 'not JSON');
    expect(Object.fromEntries(await reader.countStored())).toEqual({
      a: { pending: 1_498, dead: 1 },
      b: { pending: 1_500, dead: 0 },
      c: { pending: 1_500, dead: 0 },
      d: { pending: 1, dead: 0 },
    });
  });

  test('counts a delivery that SCAN returns twice only once', async () => {
    await enqueue(3);
    const own = openShards({ url: server.url, name: 'own', prefix: PREFIX, onError: () => {} });
    await own.reached;
    const ownReader = createLedgerReader(own);
    const scan = vi.spyOn(Redis.prototype, 'scan');
    const keys = await redis.keys(`${PREFIX}:deliveries:dlv_*`);
    scan.mockResolvedValueOnce(['7', keys]).mockResolvedValueOnce(['0', keys]);
    expect([...(await ownReader.countStored())]).toEqual([['acme-orders', { pending: 3, dead: 0 }]]);
    scan.mockRestore();
    await own.close();
  });
});

test('the ledger balances at every moment under traffic, and ends with the observed totals', {
  timeout: 60_000,
}, async () => {
  const outcomes = new Map<string, string>();
  const plannedOutcome = ({ id = '', attemptsMade }: Job) => {
    const kinds = ['delivered', 'delivered', 'reconciled', 'recorded', 'later', 'dead'] as const;
    const kind = kinds[Number.parseInt(id.slice(-4), 16) % kinds.length] ?? 'delivered';
    return kind === 'later' && attemptsMade > 0 ? 'delivered' : kind;
  };
  const replays: Promise<void>[] = [];
  let replayed = 0;
  const replay = async (job: Job) => {
    try {
      await job.retry('failed');
      replayed++;
    } catch (error) {
      // It was erased in the meantime.
      if (!(error instanceof Error && 'code' in error && error.code === GONE)) throw error;
    }
  };
  const workers = Array.from(
    { length: 2 },
    () =>
      new Worker(
        QUEUE_NAME,
        async (job) => {
          const kind = outcomes.get(job.id ?? '') === 'dead' ? 'delivered' : plannedOutcome(job);
          if (kind === 'later') throw new Error('later');
          if (kind === 'dead') throw new UnrecoverableError('dead');
          if (kind === 'recorded') return { recorded: true };
          return { eventId: 'evt', reconciled: kind === 'reconciled' };
        },
        {
          connection: { url: server.url },
          prefix: PREFIX,
          concurrency: 20,
          settings: { backoffStrategy: () => 1 },
          removeOnComplete: { count: 10 },
        },
        createDeliveryBackend,
      ),
  );
  for (const worker of workers) {
    worker.on('error', () => {});
    worker.on('completed', (job) =>
      outcomes.set(job.id ?? '', job.returnvalue.recorded ? 'recorded' : 'delivered'),
    );
    worker.on('failed', (job) => {
      if (job?.failedReason !== 'dead' || outcomes.has(job.id ?? '')) return;
      outcomes.set(job.id ?? '', 'dead');
      if (randomInt(2) === 0) replays.push(replay(job));
    });
  }
  const tally = { accepted: 0, duplicates: 0, erased: 0 };
  const produce = async () => {
    for (let group = 0; group < 40; group++) {
      const connection = `shop-${group % 4}`;
      const requests = Array.from({ length: randomInt(1, 30) }, () =>
        request({ connection, idempotencyKey: String(randomInt(1_500)) }),
      );
      const enqueued = await enqueueGroup(queue, requests);
      for (const { duplicate } of enqueued) tally[duplicate ? 'duplicates' : 'accepted']++;
      const own = enqueued.find(({ duplicate }) => !duplicate)?.id ?? 'dlv_none';
      const removed = await queue.getBackend().removeAs(own, 'erased');
      if (removed === 'pending' || removed === 'dead') tally.erased++;
    }
  };
  const producing = Promise.all(Array.from({ length: 4 }, produce));
  let reads = 0;
  let isProducing = true;
  void producing.finally(() => {
    isProducing = false;
  });
  const isDone = async () => {
    const { differences, stored } = await reader.readLedger();
    expect(differences).toEqual([]);
    reads++;
    return !isProducing && stored.pending === 0;
  };
  await vi.waitUntil(isDone, { timeout: 50_000, interval: 1 });
  await Promise.all(workers.map((worker) => worker.close()));
  // The last dead letter may still be on its way to a replay.
  await Promise.all(replays);
  expect(reads).toBeGreaterThan(20);
  const { total, rows } = await reader.readLedger();
  expect(total).toMatchObject({ ...tally, replayed });
  expect(tally.erased).toBeGreaterThan(0);
  expect(replayed).toBeGreaterThan(0);
  const walked = await reader.countStored();
  for (const { connection, pending, dead } of rows) {
    expect([connection, walked.get(connection)]).toEqual([connection, { pending, dead }]);
  }
});
