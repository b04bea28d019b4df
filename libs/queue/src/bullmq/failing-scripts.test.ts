import { makeDelivery, type RunningRedis, startRedis } from '@sluice/testing';
import { type Job, UnrecoverableError } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { OWN_KEYS } from '../keys.ts';
import { openTaker } from '../test-support/open-taker.ts';
import type { DeliveryBackend } from './delivery-backend.ts';
import { type DeliveryQueueHandle, openDeliveryQueue } from './open-queue.ts';

/** Redis does not roll back, so a script that fails must fail before its first write. */

const PREFIX = '{sluice}';
const LOCK = 'lock';
const NOTE = JSON.stringify({ who: 'someone', reason: 'a test', at: 1_700_000_000_000 });
const LEDGER = `${PREFIX}:${OWN_KEYS.ledger}`;

let server: RunningRedis;
let redis: Redis;
let queue: DeliveryQueueHandle;
let taker: ReturnType<typeof openTaker>;
let backend: DeliveryBackend;

beforeAll(async () => {
  server = await startRedis({ own: true });
  redis = new Redis(server.url);
  queue = openDeliveryQueue({ url: server.url, name: 'test', prefix: PREFIX, onError: () => {} });
  taker = openTaker(server.url, { prefix: PREFIX });
  await Promise.all([queue.reached, taker.waitUntilReady()]);
  backend = queue.getOrThrow().getBackend();
});

beforeEach(async () => {
  await redis.flushall();
});

afterAll(async () => {
  await Promise.all([taker.close(), queue.close()]);
  redis.disconnect();
  await server.stop();
});

async function enqueue(): Promise<string> {
  const request = { delivery: makeDelivery(), deduplicationWindow: 60_000 };
  const [enqueued] = await enqueueGroup(queue.getOrThrow(), [request]);
  return enqueued?.id ?? '';
}

async function reserve(): Promise<Job> {
  return (await taker.getNextJob(LOCK, { block: false })) as Job;
}

async function die(): Promise<string> {
  const id = await enqueue();
  await (await reserve()).moveToFailed(new UnrecoverableError('{"reason":"rejected"}'), LOCK, false);
  return id;
}

const breakOptions = (id: string) => redis.hset(`${PREFIX}:deliveries:${id}`, 'opts', 'not JSON');

/** Returns the contents of Redis by key. */
async function snapshot(): Promise<ReadonlyMap<string, unknown>> {
  const keys = (await redis.keys('*')).sort();
  return new Map(await Promise.all(keys.map(async (key) => [key, await read(key)] as const)));
}

async function read(key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'hash':
      return redis.hgetall(key);
    case 'zset':
      return redis.zrange(key, '0', '-1', 'WITHSCORES');
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return (await redis.smembers(key)).sort();
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      return redis.get(key);
  }
}

async function expectNoChange(run: () => Promise<unknown>): Promise<void> {
  const before = await snapshot();
  await expect(run()).rejects.toThrow();
  expect(await snapshot()).toEqual(before);
}

test('enqueueing with a broken ledger changes nothing', async () => {
  await redis.set(LEDGER, 'not a hash');
  await expectNoChange(enqueue);
});

test('completing a job with broken options changes nothing', async () => {
  const id = await enqueue();
  const job = await reserve();
  await breakOptions(id);
  await expectNoChange(() => job.moveToCompleted({ eventId: 'evt' }, LOCK, false));
});

test('failing a job with a broken ledger changes nothing', async () => {
  await enqueue();
  const job = await reserve();
  await redis.set(LEDGER, 'not a hash');
  await expectNoChange(() => job.moveToFailed(new UnrecoverableError('no'), LOCK, false));
});

test('completing a job of a broken replay changes nothing', async () => {
  const id = await enqueue();
  const job = await reserve();
  await redis.hset(`${PREFIX}:deliveries:${id}`, 'sl:replay', 'rpl_1');
  await redis.set(`${PREFIX}:${OWN_KEYS.replay}rpl_1`, 'not a hash');
  await expectNoChange(() => job.moveToCompleted({ eventId: 'evt' }, LOCK, false));
});

test('replaying a dead letter with broken options changes nothing', async () => {
  const id = await die();
  await breakOptions(id);
  await expectNoChange(() => backend.replay(id, ''));
});

test('removing a delivery with broken options changes nothing', async () => {
  const id = await enqueue();
  await breakOptions(id);
  await expectNoChange(() => backend.removeAs(id, 'erased'));
});

test.each(['discard', 'purge'] as const)(
  'a %s of several dead letters that fails at the last one changes none',
  async (move) => {
    const [first, second] = [await die(), await die()];
    await breakOptions(second);
    await expectNoChange(() => backend.transition(move, [NOTE, first, second]));
  },
);

test('a restore of several dead letters that fails at the last one changes none', async () => {
  const [first, second] = [await die(), await die()];
  expect(await backend.transition('discard', [NOTE, first, second])).toBe(2);
  await breakOptions(second);
  await expectNoChange(() => backend.transition('restore', [NOTE, first, second]));
});

test.each(['not JSON', '{"who":"someone","reason":"a test"}'])(
  'a transition with the note %s changes nothing',
  async (note) => {
    const id = await die();
    await expectNoChange(() => backend.transition('discard', [note, id]));
    await expectNoChange(() => backend.transition('purge', [note, id]));
    await expectNoChange(() => backend.transition('restore', [note, id]));
    await expectNoChange(() => backend.transition('edit', [id, 'sha1', '{}', note, '{"reason":"rejected"}']));
  },
);

test('an import without a time changes nothing', async () => {
  await expectNoChange(() =>
    backend.transition('import', ['dlv_1', 'dup', 'acme', 'never', '{}', 'data', '{}']),
  );
});

test('a transition counts a repeated id once', async () => {
  const id = await die();
  expect(await backend.transition('discard', [NOTE, id, id])).toBe(1);
  expect(await backend.transition('restore', [NOTE, id, id])).toBe(1);
  expect(await backend.transition('purge', [NOTE, id, id])).toBe(1);
});
