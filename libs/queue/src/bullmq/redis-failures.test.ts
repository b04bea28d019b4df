import { randomBytes } from 'node:crypto';
import { makeDelivery, type RunningRedis, startRedis } from '@sluice/testing';
import { type Job, UnrecoverableError } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { createLedgerReader, type LedgerReader } from '../ledger/reader.ts';
import { openShards, type Shards } from '../sharding/across-shards.ts';
import { openTaker } from '../test-support/open-taker.ts';
import { type DeliveryQueue, type DeliveryQueueHandle, openDeliveryQueue } from './open-queue.ts';

const PREFIX = '{sluice}';
const HOUR = 3_600_000;
const RESULT = { eventId: 'evt', reconciled: false };

let server: RunningRedis;
let redis: Redis;
let reachable: DeliveryQueueHandle;
let taker: ReturnType<typeof openTaker>;
let reader: LedgerReader;
let shards: Shards;

beforeAll(async () => {
  server = await startRedis({ own: true });
  const options = { url: server.url, name: 'test', prefix: PREFIX, onError: () => {} };
  redis = new Redis(server.url);
  reachable = openDeliveryQueue(options);
  shards = openShards(options);
  reader = createLedgerReader(shards);
  taker = openTaker(server.url, { prefix: PREFIX, lockDuration: 600_000 });
  for (const one of [redis, taker]) one.on('error', () => {});
  await Promise.all([reachable.reached, shards.reached, taker.waitUntilReady()]);
});

beforeEach(() => redis.flushall());

afterAll(async () => {
  await taker.close();
  await Promise.all([reachable.close(), shards.close()]);
  redis.disconnect();
  await server.stop();
});

const request = (changes: object = {}) => ({ delivery: makeDelivery(changes), deduplicationWindow: HOUR });

const queue = () => vi.waitUntil(() => reachable.get(), { timeout: 20_000, interval: 5 });

async function enqueue(count: number, body = '{}'): Promise<string[]> {
  const requests = Array.from({ length: count }, () => request({ body }));
  return (await enqueueGroup(await queue(), requests)).map(({ id }) => id);
}

async function reserve(): Promise<Job> {
  const job = await taker.getNextJob('token');
  if (!job) throw new Error('No delivery waits.');
  return job;
}

/** Returns the totals that are not zero, and checks that the ledger balances. */
async function counted(): Promise<Record<string, number>> {
  const { total, differences } = await vi.waitUntil(() => reader.readLedger().catch(() => undefined), {
    timeout: 20_000,
    interval: 20,
  });
  expect(differences).toEqual([]);
  // No status is looked up here.
  const { unknown: _, ...counts } = total;
  return Object.fromEntries(Object.entries(counts).filter(([, number]) => number !== 0));
}

async function restart(): Promise<void> {
  server.signal('SIGKILL');
  await server.exited;
  await server.restart();
}

describe('a full Redis', () => {
  test('refuses and does not count new deliveries, and counts those that end and make room', async () => {
    const [, , id = ''] = await enqueue(3);
    const [one, other] = [await reserve(), await reserve()];
    await redis.config('SET', 'maxmemory', '1mb');
    try {
      await expect(enqueue(2)).rejects.toThrow('OOM');
      await one.moveToCompleted(RESULT, 'token', false);
      await other.moveToFailed(new UnrecoverableError('no'), 'token', false);
      expect(await (await queue()).getBackend().removeAs(id, 'erased')).toBe('pending');
      expect(await counted()).toEqual({ accepted: 3, delivered: 1, dead: 1, erased: 1 });
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
    await enqueue(1);
    expect(await counted()).toMatchObject({ accepted: 4, pending: 1 });
  });

  test('stores and counts none of a group if it fills up in the middle', async () => {
    await enqueue(1);
    const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
    // The group has 4 MB of incompressible data, which Redis reads in parts.
    await redis.config('SET', 'maxmemory', String(used + 2_500_000));
    try {
      await expect(enqueue(200, JSON.stringify(randomBytes(15_000).toString('base64')))).rejects.toThrow(
        'OOM',
      );
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
    expect(await counted()).toEqual({ accepted: 1, pending: 1 });
  });
});

describe('a Redis that does not have the scripts', () => {
  test('counts all operations after a restart between them', async () => {
    const ids = await enqueue(8);
    const jobs = [await reserve(), await reserve(), await reserve(), await reserve()] as const;
    const end = async ([live, dead]: readonly [Job, Job]) => {
      await live.moveToCompleted(RESULT, 'token', false);
      await dead.moveToFailed(new UnrecoverableError('no'), 'token', false);
      await (await (await queue()).getJob(dead.id ?? ''))?.retry('failed');
    };
    const erase = async (id = '') => (await queue()).getBackend().removeAs(id, 'erased');
    await end([jobs[0], jobs[1]]);
    await erase(ids[6]);
    await restart();
    await enqueue(8);
    await end([jobs[2], jobs[3]]);
    await erase(ids[7]);
    expect(await counted()).toEqual({ accepted: 16, delivered: 2, replayed: 2, erased: 2, pending: 12 });
  });

  test('counts all operations after SCRIPT FLUSH on open connections', async () => {
    await enqueue(5);
    await (await reserve()).moveToCompleted(RESULT, 'token', false);
    await redis.script('FLUSH');
    await enqueue(5);
    await (await reserve()).moveToCompleted(RESULT, 'token', false);
    expect(await counted()).toEqual({ accepted: 10, delivered: 2, pending: 8 });
  });

  test('does not repeat one of two scripts if the other was refused when it was first sent', async () => {
    await restart();
    await enqueue(2);
    const urgent = () => ({ ...request(), priority: 5 });
    await redis.config('SET', 'maxmemory', '1mb');
    await expect(enqueueGroup(await queue(), [urgent(), urgent()])).rejects.toThrow('OOM');
    await redis.config('SET', 'maxmemory', '0');
    await enqueueGroup(await queue(), [request(), urgent()]);
    expect(await counted()).toEqual({ accepted: 4, pending: 4 });
  });

  test('counts all operations after it refused scripts that were first sent', async () => {
    await restart();
    await redis.config('SET', 'maxmemory', '1mb');
    await expect(enqueue(5)).rejects.toThrow('OOM');
    await redis.config('SET', 'maxmemory', '0');
    await enqueue(5);
    expect(await counted()).toEqual({ accepted: 5, pending: 5 });
  });
});

describe('the number of ignored webhooks', () => {
  const ignored = async () => (await counted()).ignored;

  test('is written together with the next deliveries', async () => {
    reachable.countIgnored('acme', 2);
    reachable.countIgnored('acme', 1);
    reachable.countIgnored('other', 1);
    expect(await ignored()).toBeUndefined();
    await enqueue(1);
    expect(await ignored()).toBe(4);
    const { rows } = await reader.readLedger();
    expect(rows.map((row) => [row.connection, row.ignored, row.accepted])).toEqual([
      ['acme', 3, 0],
      ['acme-orders', 0, 1],
      ['other', 1, 0],
    ]);
  });

  test('is written alone if there are no deliveries, once', async () => {
    reachable.countIgnored('acme', 5);
    await vi.waitUntil(async () => (await ignored()) === 5, { timeout: 10_000, interval: 20 });
    await enqueue(1);
    expect(await ignored()).toBe(5);
  });

  test('is kept while Redis is unreachable', async () => {
    server.signal('SIGKILL');
    await server.exited;
    await vi.waitUntil(() => reachable.get() === undefined, { timeout: 10_000, interval: 5 });
    reachable.countIgnored('acme', 7);
    await server.restart();
    await vi.waitUntil(async () => (await ignored()) === 7, { timeout: 20_000, interval: 20 });
  });

  test('is written when the queue is closed', async () => {
    const own = openDeliveryQueue({ url: server.url, name: 'own', prefix: PREFIX, onError: () => {} });
    await own.reached;
    own.countIgnored('acme', 9);
    await own.close();
    expect(await ignored()).toBe(9);
  });
});

describe('replicas', () => {
  let replica: RunningRedis;
  let patient: DeliveryQueueHandle;
  let hasty: DeliveryQueueHandle;

  beforeAll(async () => {
    replica = await startRedis({ own: true, args: ['--replicaof', '127.0.0.1', String(server.port)] });
    const open = (waitTimeout: number) =>
      openDeliveryQueue({
        ...{ url: server.url, name: 'own', prefix: PREFIX, onError: () => {} },
        ...{ waitReplicas: 1, waitTimeout },
      });
    patient = open(10_000);
    hasty = open(300);
    await Promise.all([patient.reached, hasty.reached]);
    await vi.waitUntil(async () => (await redis.info('replication')).includes('state=online'), {
      timeout: 30_000,
      interval: 20,
    });
  });

  afterAll(async () => {
    await Promise.all([patient.close(), hasty.close()]);
    await replica.stop();
  });

  const send = ({ get }: DeliveryQueueHandle, ...requests: ReturnType<typeof request>[]) =>
    enqueueGroup(get() as DeliveryQueue, requests);

  test('a delivery counts as stored when a replica has it', async () => {
    const sent = await send(patient, request(), request());
    expect(sent.map(({ duplicate }) => duplicate)).toEqual([false, false]);
    const onReplica = new Redis(replica.url);
    expect(await onReplica.hget(`${PREFIX}:ledger`, 'acme-orders\0accepted')).toBe('2');
    expect(await onReplica.exists(`${PREFIX}:deliveries:${sent[0]?.id}`)).toBe(1);
    onReplica.disconnect();
  });

  test('a delivery and its resend are refused until a frozen replica continues', async () => {
    const one = request({ idempotencyKey: 'one' });
    const again = () => request({ idempotencyKey: 'one' });
    replica.signal('SIGSTOP');
    try {
      await expect(send(hasty, one)).rejects.toThrow('Only 0 of 1 replicas have the delivery');
      await expect(send(hasty, again())).rejects.toThrow('Only 0 of 1 replicas have the delivery');
    } finally {
      replica.signal('SIGCONT');
    }
    expect(await send(patient, again())).toEqual([{ id: one.delivery.id, duplicate: true }]);
    expect(await counted()).toEqual({ accepted: 1, duplicates: 2, pending: 1 });
  });
});
