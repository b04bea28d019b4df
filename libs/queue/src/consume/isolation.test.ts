import { type RunningRedis, startRedis } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Isolation } from './isolation.ts';

let server: RunningRedis;
let redis: Redis;
let isolation: Isolation;

beforeAll(async () => {
  server = await startRedis({ own: true });
  redis = new Redis(server.url);
});

beforeEach(async () => {
  await redis.flushall();
  isolation = new Isolation({
    redis,
    prefix: '{s}',
    keyPrefix: '{s}:deliveries:',
    lockDuration: 60_000,
  });
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** Locks a job as BullMQ does when a worker reserves it. */
const lock = (id: string, token: string) => redis.set(`{s}:deliveries:${id}:lock`, token);

/** The process of the isolated delivery dies: the lock of isolation expires. */
const die = () => redis.del('{s}:solitary');

test('admits one suspect at a time', async () => {
  await lock('a', '1');
  await lock('b', '2');
  expect(await isolation.enter('a', '1')).toBe('admitted');
  expect(await isolation.enter('b', '2')).toBe('busy');
  await isolation.leave('a', '1');
  expect(await isolation.enter('b', '2')).toBe('admitted');
});

test('frees isolation after the lock duration when the worker has died', async () => {
  await lock('a', '1');
  await isolation.enter('a', '1');
  expect(await redis.pttl('{s}:solitary')).toBeGreaterThan(50_000);
});

test('neither admits nor clears a delivery that another worker has locked', async () => {
  await lock('a', '1');
  expect(await isolation.enter('a', '2')).toBe('lost');
  await isolation.enter('a', '1');
  await isolation.leave('a', '2');
  expect(await redis.exists('{s}:solitary')).toBe(1);
});

test('reports a delivery that crashed three times in isolation as poisoned, and admits the next one', async () => {
  await lock('a', '1');
  await lock('b', '2');
  for (let crash = 1; crash <= 3; crash++) {
    expect(await isolation.enter('a', '1')).toBe('admitted');
    await die();
  }
  expect(await isolation.enter('a', '1')).toBe('poisoned');
  expect(await isolation.enter('b', '2')).toBe('admitted');
});

test('clears the crash count of a delivery whose process survived it', async () => {
  await lock('a', '1');
  for (let crash = 1; crash <= 2; crash++) {
    await isolation.enter('a', '1');
    await die();
  }
  await isolation.enter('a', '1');
  await isolation.leave('a', '1');
  expect(await redis.hexists('{s}:deliveries:a', 'sl:alone')).toBe(0);
});
