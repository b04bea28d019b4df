import { makeDelivery, type RunningRedis, startRedis } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { DeliveryQueue } from '../bullmq/open-queue.ts';
import { createDeadLetters } from '../dead-letters/dead-letters.ts';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { createDeliveries } from '../inspect/deliveries.ts';
import { createLedgerReader } from '../ledger/reader.ts';
import { createReplays } from '../replays/replays.ts';
import { openShards, type Shards } from '../sharding/across-shards.ts';
import { startShardWorker } from '../worker.ts';
import { createStatusIndex, type FinalStatus, type StatusIndex, type StatusReport } from './status-index.ts';

const PREFIX = '{sluice}';
const SHOP = 'acme-orders';
const HOUR = 3_600_000;

let server: RunningRedis;
let redis: Redis;
let shards: Shards;
let queue: DeliveryQueue;
let worker: ReturnType<typeof startShardWorker> | undefined;

beforeAll(async () => {
  server = await startRedis({ own: true });
  redis = new Redis(server.url);
  shards = openShards({ url: server.url, name: 'test', prefix: PREFIX, onError: () => {} });
  await shards.reached;
  queue = context().queue;
});

beforeEach(() => redis.flushall());

afterEach(async () => {
  await worker?.close();
  worker = undefined;
});

afterAll(async () => {
  await shards.close();
  redis.disconnect();
  await server.stop();
});

function context() {
  const [shard] = shards.all();
  if (!shard) throw new Error('no shard');
  return shard.contextOrThrow();
}

const openIndex = (changes: { keepDelivered?: number; maxAge?: number } = {}): StatusIndex => {
  const { redis: connection, base, keyPrefix, queue: opened } = context();
  const place = { redis: connection, base, keyPrefix, backend: opened.getBackend(), now: Date.now };
  return createStatusIndex({ ...place, keepDelivered: 100, maxAge: HOUR, ...changes });
};

/** Delivers `count` deliveries; the event of the n-th is `evt_<n>`. Returns their ids. */
async function deliver(count: number, { awaits = true, keepDelivered = 100 } = {}) {
  const enqueued = await enqueueGroup(
    queue,
    Array.from({ length: count }, () => ({ delivery: makeDelivery(), deduplicationWindow: HOUR })),
  );
  const ids: string[] = enqueued.map(({ id }) => id);
  await work(async () => (await readTotal()).delivered, {
    awaits,
    keepDelivered,
    eventOf: (id) => `evt_${ids.indexOf(id)}`,
  });
  return ids;
}

interface Work {
  readonly awaits: boolean;
  readonly keepDelivered: number;
  readonly eventOf: (id: string) => string;
}

/** Runs a worker until nothing is pending. */
async function work(read: () => Promise<unknown>, { awaits, keepDelivered, eventOf }: Work): Promise<void> {
  worker = startShardWorker({
    redisUrl: server.url,
    prefix: PREFIX,
    concurrency: 1,
    lockDuration: 5_000,
    stalledInterval: 5_000,
    keepDelivered,
    ...(awaits ? { statuses: { keepAwaiting: 50 } } : {}),
    onError: () => {},
    process: async ({ reading }) => {
      const id = reading.ok ? reading.delivery.id : '';
      return { kind: 'delivered', eventId: eventOf(id), reconciled: false };
    },
  });
  await vi.waitUntil(async () => (await readTotal()).pending === 0, { timeout: 10_000, interval: 5 });
  await read();
  await worker.close();
  worker = undefined;
}

async function readTotal() {
  const { total, differences } = await createLedgerReader(shards).readLedger();
  expect(differences).toEqual([]);
  return total;
}

const everything = { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1_000 };

/** Reports a status for the awaiting events with these ids. */
async function report(index: StatusIndex, status: FinalStatus, ...eventIds: string[]) {
  const events = await index.events(SHOP, everything);
  const reports = events
    .filter(({ eventId }) => eventIds.includes(eventId))
    .map(
      (event): StatusReport => ({
        ...event,
        status,
        message: 'No trigger for order 7',
        event: 'orderCreated',
      }),
    );
  return index.record(SHOP, reports);
}

test('a delivered delivery awaits the status of its event, and becomes processed', async () => {
  const [id] = await deliver(1);
  const index = openIndex();
  const { now, awaiting } = await index.read([SHOP, 'other']);
  expect(awaiting).toEqual([{ connection: SHOP, count: 1, oldest: expect.any(Number), dropped: 0 }]);
  expect(Math.abs(now - (awaiting[0]?.oldest ?? 0))).toBeLessThan(10_000);
  expect(await index.events(SHOP, everything)).toEqual([
    { eventId: 'evt_0', deliveryId: id, createdAt: awaiting[0]?.oldest },
  ]);
  expect(await readTotal()).toMatchObject({ delivered: 1, awaiting: 1, processed: 0, unknown: 0 });
  expect(await report(index, 'processed', 'evt_0')).toEqual(['processed']);
  expect(await readTotal()).toMatchObject({ delivered: 1, awaiting: 0, processed: 1, unknown: 0 });
});

test.each([
  ['failed', 'bot_failed', 'botFailed'],
  ['ignored', 'bot_ignored', 'botIgnored'],
] as const)(
  'an event that the bot %s makes its delivery a dead letter %s, in a group',
  async (status, reason, counter) => {
    const [id = ''] = await deliver(3);
    expect(await report(openIndex(), status, 'evt_0', 'evt_1')).toEqual(['dead', 'dead']);
    expect(await readTotal()).toMatchObject({ delivered: 1, awaiting: 1, dead: 2, [counter]: 2 });
    const [group, ...others] = await createDeadLetters(shards).groups();
    expect(others).toEqual([]);
    expect(group).toMatchObject({
      count: 2,
      example: {
        death: {
          reason,
          detail: { message: 'No trigger for order 7', eventId: expect.stringMatching(/^evt_[01]$/) },
          origin: { connection: SHOP, topic: 'orders/create', event: 'orderCreated' },
        },
      },
    });
    const record = await createDeliveries(shards).read(id);
    expect(record).toMatchObject({
      reading: { ok: true },
      where: { state: 'dead', death: { reason, detail: { eventId: 'evt_0' } } },
      attempts: [{ outcome: reason, message: 'No trigger for order 7' }],
    });
    expect(record).not.toHaveProperty('began');
  },
);

test('a dead letter of the bot is found by a value of its payload and by its reason', async () => {
  await deliver(2);
  await report(openIndex(), 'failed', 'evt_0');
  const deadLetters = createDeadLetters(shards);
  const page = { order: 'newest', limit: 10 } as const;
  const [name = '', value = ''] = Object.entries(JSON.parse(makeDelivery().body))[0]?.map(String) ?? [];
  for (const filter of [
    { having: [{ name, value }] },
    { reason: 'bot_failed' },
    { event: 'orderCreated' },
  ] as const) {
    const { letters } = await deadLetters.find(filter, page);
    expect(letters.map(({ detail }) => detail.eventId)).toEqual(['evt_0']);
  }
});

test('recording a status twice counts it once', async () => {
  await deliver(1);
  const index = openIndex();
  const [event] = await index.events(SHOP, everything);
  if (!event) throw new Error('nothing awaits');
  const failed: StatusReport = { ...event, status: 'failed', message: 'x', event: 'e' };
  expect(await index.record(SHOP, [failed, failed])).toEqual(['dead', 'known']);
  expect(await index.record(SHOP, [{ ...failed, status: 'processed' }])).toEqual(['known']);
  expect(await readTotal()).toMatchObject({ delivered: 0, processed: 0, dead: 1, botFailed: 1 });
});

test('a failure whose body is no longer stored is counted, and its delivery is expired', async () => {
  const [id = ''] = await deliver(1);
  await queue.getBackend().removeAs(id, 'erased');
  expect(await report(openIndex(), 'failed', 'evt_0')).toEqual(['gone']);
  expect(await readTotal()).toMatchObject({ delivered: 0, dead: 0, expired: 1, botFailed: 1 });
});

test('a replay of such a dead letter is counted as a second event, and awaits its own status', async () => {
  const [id = ''] = await deliver(1);
  const index = openIndex();
  await report(index, 'failed', 'evt_0');
  expect(await queue.getBackend().replay(id, '')).toBe(true);
  await work(readTotal, { awaits: true, keepDelivered: 100, eventOf: () => 'evt_second' });
  expect(await readTotal()).toMatchObject({
    ...{ accepted: 1, delivered: 1, awaiting: 1, dead: 0, replayed: 1, resent: 1, botFailed: 1 },
  });
  expect(await report(index, 'ignored', 'evt_second')).toEqual(['dead']);
  expect(await redis.hget(queue.toKey(id), 'sl:events')).toBe('evt_0 evt_second');
  expect((await createDeliveries(shards).read(id))?.attempts.map(({ outcome }) => outcome)).toEqual([
    'bot_failed',
    'bot_ignored',
  ]);
});

test('events that are too old are dropped, and their status is unknown', async () => {
  await deliver(2);
  const [first] = await openIndex().events(SHOP, everything);
  await redis.zadd(`${PREFIX}:awaiting:${SHOP}`, 1, `${first?.eventId} ${first?.deliveryId}`);
  const { awaiting } = await openIndex().read([SHOP]);
  expect(awaiting).toMatchObject([{ connection: SHOP, count: 1, dropped: 1 }]);
  expect(awaiting[0]?.oldest).toBeGreaterThan(1);
  expect(await readTotal()).toMatchObject({ delivered: 2, awaiting: 1, unknown: 1 });
});

test('a connection has at most 20,000 awaiting events, and the oldest are dropped', async () => {
  await deliver(1);
  const key = `${PREFIX}:awaiting:${SHOP}`;
  const { now } = await openIndex().read([SHOP]);
  const members = Array.from({ length: 20_005 }, (_, index) => [
    String(now + 1_000 + index),
    `evt_${index}_ dlv`,
  ]);
  await redis.zadd(key, ...members.flat());
  expect((await openIndex().read([SHOP])).awaiting).toMatchObject([{ count: 20_000, dropped: 6 }]);
  expect((await openIndex().events(SHOP, everything))[0]?.eventId).toBe('evt_5_');
});

test('reads the events of a connection that is no longer configured', async () => {
  await deliver(1);
  expect((await openIndex().read(['other'])).awaiting).toMatchObject([{ connection: SHOP, count: 1 }]);
});

test('a worker without status lookup writes no index, and the status is unknown', async () => {
  await deliver(2, { awaits: false });
  expect(await redis.keys(`${PREFIX}:awaiting:*`)).toEqual([]);
  expect(await readTotal()).toMatchObject({ delivered: 2, awaiting: 0, unknown: 2 });
});

test('keeps the bodies of events without a status, and deletes the oldest of the others', async () => {
  const ids: string[] = await deliver(12, { keepDelivered: 3 });
  const index = openIndex({ keepDelivered: 3 });
  expect(await index.trimDelivered()).toBe(0);
  expect(await queue.getCompletedCount()).toBe(12);
  await report(
    index,
    'processed',
    ...['evt_0', 'evt_1', 'evt_4', 'evt_5', 'evt_6', 'evt_7', 'evt_8', 'evt_9'],
  );
  expect(await index.trimDelivered()).toBe(7);
  const order = await redis.zrange(queue.toKey('completed'), '0', '-1');
  expect(order.map((id) => ids.indexOf(id))).toEqual([2, 3, 9, 10, 11]);
  const [gone = ''] = ids;
  expect(await redis.exists(queue.toKey(gone))).toBe(0);
  expect(await readTotal()).toMatchObject({ delivered: 12, processed: 8, awaiting: 4 });
});

test('a replay of dead letters of the bot starts only if second events are confirmed', async () => {
  await deliver(2);
  await report(openIndex(), 'failed', 'evt_0');
  const replays = createReplays(shards);
  expect(await replays.plan({ reason: 'bot_failed' })).toMatchObject({ count: 1, secondEvents: 1 });
  const request = { filter: {}, until: Date.now() + HOUR };
  const by = { who: 'test', reason: 'fixed' };
  await expect(replays.run(request, by)).rejects.toMatchObject({ name: 'SecondEventsError', count: 1 });
  expect(await replays.list(10)).toEqual([]);
  const id = await replays.run({ ...request, secondEvents: true }, by);
  expect(await replays.get(id)).toMatchObject({ state: 'running', planned: 1 });
});
