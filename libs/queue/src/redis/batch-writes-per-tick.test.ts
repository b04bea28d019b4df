import { type RunningRedis, startRedis } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { batchWritesPerTick } from './connect.ts';

let server: RunningRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis({ own: true });
});

afterEach(() => redis.disconnect());

afterAll(() => server.stop());

async function connect(): Promise<Redis> {
  redis = new Redis(server.url, { maxRetriesPerRequest: null });
  redis.on('error', () => {});
  batchWritesPerTick(redis);
  await redis.ping();
  return redis;
}

/** Returns how often Redis has read from a connection. */
const reads = async () => Number(/total_reads_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);

test('commands of one tick are sent in one write, in order', async () => {
  await connect();
  const before = await reads();
  const replies = await Promise.all(Array.from({ length: 500 }, () => redis.incr('count')));
  expect((await reads()) - before).toBeLessThanOrEqual(5);
  expect(replies).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
});

test('commands are sent after a reconnect, and those in flight are sent again', async () => {
  await connect();
  const inFlight = redis.set('a', '1');
  redis.stream.destroy();
  expect(await inFlight).toBe('OK');
  const replies = await Promise.all([redis.get('a'), redis.set('b', '2'), redis.get('b')]);
  expect(replies).toEqual(['1', 'OK', '2']);
});

test('a command that was sent before QUIT arrives', async () => {
  await connect();
  const last = redis.set('last', '1');
  expect(await redis.quit()).toBe('OK');
  expect(await last).toBe('OK');
});
