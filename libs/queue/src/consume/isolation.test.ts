import { type RunningRedis, startRedis } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Isolation } from './isolation.ts';

let server: RunningRedis;
let redis: Redis;
let solitary: Isolation;

beforeAll(async () => {
  server = await startRedis({ own: true });
  redis = new Redis(server.url);
});

beforeEach(async () => {
  await redis.flushall();
  solitary = new Isolation({
    redis,
    prefix: '{s}',
    toKey: (id) => `{s}:deliveries:${id}`,
    lockDuration: 60_000,
  });
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** As BullMQ does when a worker takes a job. */
const lock = (id: string, token: string) => redis.set(`{s}:deliveries:${id}:lock`, token);

/** Its process dies with it: the cell's time runs out, and somebody else takes it. */
const die = () => redis.del('{s}:solitary');

test('one suspect at a time', async () => {
  await lock('a', '1');
  await lock('b', '2');
  expect(await solitary.enter('a', '1')).toBe('alone');
  expect(await solitary.enter('b', '2')).toBe('busy');
  await solitary.leave('a', '1');
  expect(await solitary.enter('b', '2')).toBe('alone');
});

test('a dead worker gives the cell up after the lock’s time', async () => {
  await lock('a', '1');
  await solitary.enter('a', '1');
  expect(await redis.pttl('{s}:solitary')).toBeGreaterThan(50_000);
});

test('nobody enters, and nobody is made to leave, without the lock', async () => {
  await lock('a', '1');
  expect(await solitary.enter('a', '2')).toBe('lost');
  await solitary.enter('a', '1');
  await solitary.leave('a', '2');
  expect(await redis.exists('{s}:solitary')).toBe(1);
});

test('what crashes alone three times is condemned, and holds nobody up', async () => {
  await lock('a', '1');
  await lock('b', '2');
  for (let crash = 1; crash <= 3; crash++) {
    expect(await solitary.enter('a', '1')).toBe('alone');
    await die();
  }
  expect(await solitary.enter('a', '1')).toBe('condemned');
  expect(await solitary.enter('b', '2')).toBe('alone');
});

test('what lives is cleared', async () => {
  await lock('a', '1');
  for (let crash = 1; crash <= 2; crash++) {
    await solitary.enter('a', '1');
    await die();
  }
  await solitary.enter('a', '1');
  await solitary.leave('a', '1');
  expect(await redis.hexists('{s}:deliveries:a', 'sl:alone')).toBe(0);
});
