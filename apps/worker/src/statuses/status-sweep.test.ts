import { EventSender, EventStatuses } from '@sluice/botpress';
import { type Connection, createConnections } from '@sluice/config';
import { openShards, type Shards, type StatusReport } from '@sluice/queue';
import { type Consumer, openProducer, type Producer, startShardWorker } from '@sluice/queue/testing';
import {
  makeDelivery,
  type RunningRedis,
  type RunningSandbox,
  startRedis,
  startSandbox,
} from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { toTarget } from '../deliver-event.ts';
import { createStatusSweep } from './status-sweep.ts';

/** A worker with a real Redis and the sandbox as Botpress. */

const PREFIX = '{sluice}';
const INTERVAL = 300;
const SOON = { timeout: 20_000, interval: 20 };

let server: RunningRedis;
let sandbox: RunningSandbox;
let redis: Redis;
let shards: Shards;
let producer: Producer;
let worker: Consumer | undefined;

const calls = { timeout: 10_000, now: Date.now };
const sender = new EventSender(calls);
const connection = {
  id: 'acme',
  source: { name: 'shopify' },
  botpress: { botId: 'bot', integrationId: 'shop', token: { reveal: () => 'token' } },
} as unknown as Connection;
const connections = createConnections([connection]);

/** What the sweep reported, and the number of its calls. */
const seen = {
  statuses: [] as StatusReport[],
  list: 0,
  get: 0,
  failed: [] as string[],
  unknown: 0,
  acquired: 0,
};

beforeAll(async () => {
  [server, sandbox] = await Promise.all([startRedis({ own: true }), startSandbox()]);
  redis = new Redis(server.url);
  const place = { prefix: PREFIX, onError: () => {} };
  shards = openShards({ ...place, url: server.url, name: 'test' });
  producer = openProducer({
    ...{ ...place, redisUrl: server.url, deadline: 5_000, maxPending: 1_000, maxPendingBytes: 1e8 },
    ...{ maxBacklog: 10_000, memoryWatermarkPercent: 100, onShedding: () => {} },
  });
  await Promise.all([shards.reached, producer.reached]);
});

beforeEach(async () => {
  await redis.flushall();
  Object.assign(seen, { statuses: [], list: 0, get: 0, failed: [], unknown: 0, acquired: 0 });
});

afterEach(async () => {
  await worker?.close();
  worker = undefined;
  await sandbox.clearFaults();
  await sandbox.setModes({ pageSize: 'honored', listingDelayMs: 0, statusDelayMs: 200, eventType: 'bare' });
  await sandbox.reset();
});

afterAll(async () => {
  await Promise.all([producer.close(), shards.close()]);
  redis.disconnect();
  await Promise.all([server.stop(), sandbox.stop()]);
});

/** Delivers events to the sandbox and sweeps their statuses. */
async function run(count: number, { maxAge = 3_600_000, isEnabled = true } = {}): Promise<void> {
  await producer.enqueuer.enqueue(
    Array.from({ length: count }, () => ({
      delivery: makeDelivery({ connection: 'acme' }),
      ...{ deduplicationWindow: 60_000, priority: 1 },
    })),
  );
  const sweep = createStatusSweep({
    ...{ interval: INTERVAL, isEnabled, now: () => performance.now(), connections: () => connections },
    ...{ apiUrl: sandbox.url, statuses: new EventStatuses(calls) },
    acquireCall: async () => void seen.acquired++,
    report: {
      recordStatus: (_connection, report, recorded) => {
        if (recorded !== 'known') seen.statuses.push(report);
      },
      recordUnknown: (_connection, dropped) => {
        seen.unknown += dropped;
      },
      recordCall: (operation) => {
        seen[operation]++;
      },
      reportFailedRead: ({ reason }) => void seen.failed.push(reason),
    },
  });
  worker = startShardWorker({
    ...{
      redisUrl: server.url,
      prefix: PREFIX,
      concurrency: 20,
      lockDuration: 30_000,
      stalledInterval: 30_000,
    },
    ...{ keepDelivered: 10, statuses: { keepAwaiting: 1_000 }, onError: () => {} },
    statusSweep: { sweep, interval: INTERVAL / 3, maxAge },
    process: async ({ reading }) => {
      const deliveryId = reading.ok ? reading.delivery.id : '';
      const event = { type: 'thingMade', payload: { deliveryId } };
      const result = await sender.sendEvent(toTarget(connection, sandbox.url), event);
      if (result.kind !== 'created') throw new Error(result.kind);
      return { kind: 'delivered', eventId: result.eventId, reconciled: false };
    },
  });
}

const awaiting = () => redis.zcard(`${PREFIX}:awaiting:acme`);
const untilSwept = (count: number) =>
  vi.waitUntil(async () => seen.statuses.length === count && (await awaiting()) === 0, SOON);

test('every call asks for permission, and few calls read many events', async () => {
  await run(250);
  await untilSwept(250);
  expect(new Set(seen.statuses.map(({ status, event }) => `${status} ${event}`))).toEqual(
    new Set(['processed thingMade']),
  );
  expect(seen.acquired).toBe(seen.list);
  expect(seen.list).toBeLessThan(30);
  expect(seen.get).toBe(0);
});

test('reads pages of 20 where Botpress ignores the page size, types with the integration, and late listings', async () => {
  await sandbox.setModes({ pageSize: 'ignored', listingDelayMs: 1_500, eventType: 'prefixed' });
  await sandbox.addStatusRule({ status: 'failed', failureReason: 'quota', times: 1 });
  await run(90);
  await untilSwept(90);
  expect(new Set(seen.statuses.map(({ event }) => event))).toEqual(new Set(['thingMade']));
  expect(seen.statuses.filter(({ status }) => status === 'failed')).toMatchObject([{ message: 'quota' }]);
});

test('an event without a final status stays open, then its status is unknown and not processed', async () => {
  await sandbox.addStatusRule({ status: 'pending', times: 1 });
  await run(3, { maxAge: 3_000 });
  await vi.waitUntil(async () => seen.statuses.length === 2 && seen.unknown === 1, SOON);
  expect(await awaiting()).toBe(0);
  expect(await redis.hget(`${PREFIX}:ledger`, 'acme\0processed')).toBe('2');
});

test('an event older than ten minutes is read by its id', async () => {
  await sandbox.setModes({ statusDelayMs: 2_000 });
  await run(1);
  await vi.waitUntil(async () => (await awaiting()) === 1, SOON);
  const [member = ''] = await redis.zrange(`${PREFIX}:awaiting:acme`, '0', '-1');
  await redis.zadd(`${PREFIX}:awaiting:acme`, Date.now() - 11 * 60_000, member);
  await untilSwept(1);
  expect(seen.get).toBeGreaterThan(0);
});

test('a failed read ends the sweep of the bot, is reported once, and guesses nothing', async () => {
  await sandbox.addFault({ kind: 'status', status: 503, match: { operation: 'listEvents' } });
  await run(2);
  await vi.waitUntil(() => seen.failed.length === 1, SOON);
  expect(seen.failed[0]).toMatch(/^503/);
  expect(seen.list).toBe(1);
  expect(await awaiting()).toBe(2);
  expect(seen.statuses).toEqual([]);
});

test('without the lookup no call is made, and old events are dropped', async () => {
  await run(2, { isEnabled: false, maxAge: 500 });
  await vi.waitUntil(() => seen.unknown === 2, SOON);
  expect(seen.list).toBe(0);
});
