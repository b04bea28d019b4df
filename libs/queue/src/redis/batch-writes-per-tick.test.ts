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

/** How often Redis has read from a connection. */
const reads = async () => Number(/total_reads_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);

test('what is sent in one turn of the loop is one write, in order', async () => {
  await connect();
  const before = await reads();
  const answers = await Promise.all(Array.from({ length: 500 }, () => redis.incr('count')));
  expect((await reads()) - before).toBeLessThanOrEqual(5);
  expect(answers).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
});

test('and so it is after the connection broke, of which nothing is left', async () => {
  await connect();
  const under = redis.set('a', '1');
  redis.stream.destroy();
  expect(await under).toBe('OK');
  const answers = await Promise.all([redis.get('a'), redis.set('b', '2'), redis.get('b')]);
  expect(answers).toEqual(['1', 'OK', '2']);
});

test('what was sent before a farewell arrives', async () => {
  await connect();
  const last = redis.set('last', '1');
  expect(await redis.quit()).toBe('OK');
  expect(await last).toBe('OK');
});
