import { makeDelivery, type RunningRedis, seedDeadLetters, startRedis } from '@sluice/testing';
import { type Job, type RedisQueueBackend, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { originOf, writeDeadReason } from '../dead-letter.ts';
import type { DeadReason } from '../delivery-outcome.ts';
import { enqueueGroup } from '../enqueue-group.ts';
import { createLedgerBackend } from '../ledger/ledger-backend.ts';
import { type LedgerReader, openLedgerReader } from '../ledger/ledger-reader.ts';
import { type DeliveryQueue, openReachableQueue, type ReachableQueue } from '../reachable-queue.ts';
import type { DeadLetter, DeadLetterFilter, PageRequest } from './find-dead-letters.ts';
import { type DeadLetters, openDeadLetters } from './open-dead-letters.ts';

const PREFIX = '{sluice}';
const FAILED = `${PREFIX}:deliveries:failed`;
const NOW = 1_790_000_000_000;
const BY = { who: 'ops@desk', reason: 'mended' };

let server: RunningRedis;
let redis: Redis;
let reachable: ReachableQueue;
let queue: DeliveryQueue;
let deadLetters: DeadLetters;
let ledger: LedgerReader;
let worker: Worker<unknown, unknown, string, RedisQueueBackend>;

beforeAll(async () => {
  server = await startRedis({ own: true });
  const options = { url: server.url, name: 'test', prefix: PREFIX, onError: () => {} };
  redis = new Redis(server.url, { maxRetriesPerRequest: null });
  reachable = openReachableQueue(options);
  deadLetters = openDeadLetters(options);
  ledger = openLedgerReader(options);
  await Promise.all([reachable.reached, deadLetters.reached, ledger.reached]);
  queue = reachable.get() as DeliveryQueue;
  worker = new Worker(
    'deliveries',
    null,
    { connection: { url: server.url }, prefix: PREFIX, autorun: false },
    createLedgerBackend,
  );
  await worker.waitUntilReady();
});

beforeEach(() => redis.flushall());

afterAll(async () => {
  await Promise.all([reachable.close(), deadLetters.close(), ledger.close(), worker.close()]);
  redis.disconnect();
  await server.stop();
});

async function enqueue(connection: string, count: number): Promise<string[]> {
  const requests = Array.from({ length: count }, () => ({
    delivery: makeDelivery({ connection }),
    deduplicationWindow: 60_000,
    priority: 7,
  }));
  return (await enqueueGroup(queue, requests)).map(({ id }) => id);
}

async function take(): Promise<Job> {
  const job = await worker.getNextJob('lock', { block: false });
  if (!job) throw new Error('nothing waits');
  return job;
}

/** Lets the next that waits die. */
async function die(reason: DeadReason): Promise<string> {
  const job = await take();
  const told = writeDeadReason(reason, { message: 'no' }, originOf(job));
  await job.moveToFailed(new UnrecoverableError(told), 'lock', false);
  return job.id ?? '';
}

/** Enqueues so many and lets them die, one a millisecond, the first at `NOW`. */
async function kill(connection: string, count: number, reason: DeadReason = 'rejected'): Promise<string[]> {
  await enqueue(connection, count);
  const ids: string[] = [];
  for (let index = 0; index < count; index++) ids.push(await die(reason));
  await redis.zadd(FAILED, ...ids.flatMap((id, index) => [NOW + index, id]));
  return ids;
}

/** All that fit, by pages of that size. */
async function walk(filter: DeadLetterFilter, limit: number, order: PageRequest['order'] = 'newest') {
  const letters: DeadLetter[] = [];
  let cursor: string | undefined;
  do {
    const page = await deadLetters.find(filter, { order, limit, cursor });
    expect(page.letters.length).toBeLessThanOrEqual(limit);
    letters.push(...page.letters);
    cursor = page.next;
  } while (cursor);
  return letters;
}

/** So many dead letters of a connection, and one that they were made of. */
async function seed(connection: string, count: number): Promise<void> {
  const [template = ''] = await kill(connection, 1);
  await seedDeadLetters(redis, { prefix: PREFIX, template, count, diedAt: NOW });
}

const idsOf = (letters: readonly DeadLetter[]) => letters.map(({ id }) => id);

describe('find', () => {
  test('tells where a dead letter came from and why it died, without its body', async () => {
    const [id] = await kill('acme', 1, 'invalid_event');
    const { letters, next } = await deadLetters.find({}, { order: 'newest', limit: 5 });
    expect(next).toBeUndefined();
    expect(letters).toEqual([
      {
        id,
        connection: 'acme',
        topic: 'orders/create',
        reason: 'invalid_event',
        group: expect.stringMatching(/^[0-9a-f]{16}$/),
        detail: { message: 'no' },
        origin: { connection: 'acme', source: 'shopify', topic: 'orders/create' },
        receivedAt: expect.any(Number),
        diedAt: NOW,
        attempts: 1,
      },
    ]);
  });

  test.each([1, 3, 7, 100])('goes through all once, in either order, %i at a time', async (limit) => {
    const ids = await kill('acme', 7);
    expect(idsOf(await walk({}, limit, 'oldest'))).toEqual(ids);
    expect(idsOf(await walk({}, limit))).toEqual(ids.toReversed());
  });

  test.each(['newest', 'oldest'] as const)(
    'leaves none out that died at one moment, %s first',
    async (order) => {
      const ids = await kill('acme', 30);
      await redis.zadd(FAILED, ...ids.flatMap((id, index) => [NOW + (index < 25 ? 0 : 1), id]));
      for (const limit of [1, 4, 25]) {
        const walked = idsOf(await walk({}, limit, order));
        expect(walked).toHaveLength(30);
        expect(new Set(walked)).toEqual(new Set(ids));
      }
    },
  );

  test('finds what fits among thousands that do not', async () => {
    await seed('other', 5_000);
    const [rejected, crashed] = [await kill('acme', 2), await kill('acme', 1, 'crashed')];
    expect(idsOf(await walk({ connection: 'acme' }, 10))).toHaveLength(3);
    expect(idsOf(await walk({ connection: 'acme', reason: 'rejected' }, 1)).sort()).toEqual(
      rejected.toSorted(),
    );
    expect(idsOf(await walk({ reason: 'crashed' }, 10))).toEqual(crashed);
    expect(await walk({ connection: 'nobody' }, 10)).toEqual([]);
  });

  test('goes on where it was though what stood there is gone', async () => {
    const ids = await kill('acme', 4);
    const { next } = await deadLetters.find({}, { order: 'oldest', limit: 2 });
    await queue.getBackend().replay(ids[1] ?? '');
    const page = await deadLetters.find({}, { order: 'oldest', limit: 2, cursor: next });
    expect(idsOf(page.letters)).toEqual(ids.slice(2));
  });

  test('takes BullMQ’s own words for a crash', async () => {
    await enqueue('acme', 1);
    await (await take()).moveToFailed(
      new UnrecoverableError('job stalled more than allowable limit'),
      'lock',
      false,
    );
    expect(await walk({ reason: 'crashed' }, 10)).toMatchObject([{ connection: 'acme', reason: 'crashed' }]);
  });

  test('refuses a cursor that is none', async () => {
    const asking = deadLetters.find({}, { order: 'newest', limit: 1, cursor: '7-x' });
    await expect(asking).rejects.toThrow('"7-x" is no cursor');
  });
});

describe('groups', () => {
  const inShort = async () =>
    (await deadLetters.groups()).map(({ count, example: { death } }) => [
      count,
      death.origin?.connection,
      death.reason,
    ]);

  test('are by cause, the most first, with when they began and an example', async () => {
    await kill('acme', 1, 'crashed');
    const ids = await kill('acme', 3);
    await kill('other', 2);
    expect(await inShort()).toEqual([
      [3, 'acme', 'rejected'],
      [2, 'other', 'rejected'],
      [1, 'acme', 'crashed'],
    ]);
    const [largest] = await deadLetters.groups();
    expect(ids).toContain(largest?.example.id);
    expect(largest?.last).toBeGreaterThanOrEqual(largest?.first ?? Number.POSITIVE_INFINITY);
  });

  test('of one, exactly its dead letters are found and put back', async () => {
    await kill('acme', 3);
    const crashed = await kill('acme', 2, 'crashed');
    const group = (await deadLetters.groups())[1]?.group ?? '';
    expect(idsOf(await walk({ group }, 1)).sort()).toEqual(crashed.toSorted());
    expect(await deadLetters.replay({ filter: { group }, until: Date.now() }, BY)).toBe(2);
    expect(await inShort()).toEqual([[3, 'acme', 'rejected']]);
    expect(await walk({ group }, 1)).toEqual([]);
  });

  test('lose what is erased, and end with their last', async () => {
    const [id = ''] = await kill('acme', 1);
    expect(await queue.getBackend().removeAs(id, 'erased')).toBe('dead');
    expect(await deadLetters.groups()).toEqual([]);
    expect(await redis.keys(`${PREFIX}:dead*`)).toEqual([]);
  });

  test('take in what died before there were groups', async () => {
    await seed('acme', 2_500);
    await redis.del(`${PREFIX}:dead-groups`);
    expect(await inShort()).toEqual([[2_501, 'acme', 'rejected']]);
  });

  test('have one for what tells no cause', async () => {
    await enqueue('acme', 2);
    for (let index = 0; index < 2; index++) {
      await (await take()).moveToFailed(new UnrecoverableError(`BullMQ says no ${index}`), 'lock', false);
    }
    expect(await deadLetters.groups()).toMatchObject([{ group: 'other', count: 2 }]);
  });
});

describe('replay', () => {
  const replay = (filter: DeadLetterFilter, until = NOW + 1_000) => deadLetters.replay({ filter, until }, BY);

  test('puts back what fits, counted in the ledger, and leaves the rest', async () => {
    await kill('acme', 3);
    await kill('acme', 1, 'crashed');
    await kill('other', 2);
    expect(await replay({ connection: 'acme', reason: 'rejected' })).toBe(3);
    expect(await ledger.readLedger()).toMatchObject({
      holds: true,
      total: { accepted: 6, dead: 3, pending: 3, replayed: 3 },
    });
    expect(await replay({ connection: 'acme', reason: 'rejected' })).toBe(0);
    expect(await replay({})).toBe(3);
  });

  test('puts it behind all that is live, with all its attempts, and no suspect any more', async () => {
    const [id = ''] = await kill('acme', 1, 'crashed');
    await redis.hset(`${PREFIX}:deliveries:${id}`, 'stc', 9, 'sl:alone', 4);
    await replay({});
    const [live] = await enqueue('acme', 1);
    expect((await take()).id).toBe(live);
    const job = await take();
    expect(job).toMatchObject({ id, attemptsMade: 0, stalledCounter: 0 });
    expect(await redis.hexists(`${PREFIX}:deliveries:${id}`, 'sl:alone')).toBe(0);
  });

  test('leaves what died after it was asked for', async () => {
    await kill('acme', 5);
    expect(await replay({}, NOW + 2)).toBe(3);
    expect((await ledger.readLedger()).total).toMatchObject({ dead: 2, pending: 3 });
  });

  test('run by several at once puts each back once', async () => {
    await seed('acme', 2_000);
    const counts = await Promise.all([replay({}), replay({}), replay({})]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2_001);
    expect((await ledger.readLedger()).total).toMatchObject({ dead: 0, pending: 2_001, replayed: 2_001 });
  });

  test('leaves audit lines of who, why and how many', async () => {
    await kill('acme', 2);
    await replay({ connection: 'acme' });
    const lines = await redis.xrange(`${PREFIX}:audit`, '-', '+');
    const fields = lines.map(([, flat]) =>
      Object.fromEntries(flat.flatMap((name, index) => (index % 2 ? [] : [[name, flat[index + 1]]]))),
    );
    const line = { who: 'ops@desk', reason: 'mended', filter: '{"connection":"acme"}', by: 'operator' };
    expect(fields).toMatchObject([
      { ...line, action: 'replay', count: '0' },
      { ...line, action: 'replayed', count: '2' },
    ]);
  });
});
