import { makeDelivery, seedDeadLetters, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createLedgerReader } from '../ledger/reader.ts';
import { DeadRig, PREFIX } from '../test-support/dead-letter-rig.ts';
import { startShardWorker } from '../worker.ts';
import { createDeadLetters } from './dead-letters.ts';
import { type RetentionLimits, readSweep, type Sweep, sweepDeadLetters } from './retention.ts';

const DAY = 24 * 3_600_000;
const NOW = Date.UTC(2026, 10, 25);
const FAILED = `${PREFIX}:deliveries:failed`;

let rig: DeadRig;

beforeAll(async () => {
  rig = await DeadRig.open({ startRedis, makeDelivery, seedDeadLetters });
});

beforeEach(() => rig.redis.flushall());

afterAll(() => rig.close());

const sweep = (limits: RetentionLimits, now = NOW) =>
  sweepDeadLetters(
    rig.place(() => now),
    limits,
  );

/** Creates dead letters that died this many days ago. */
async function died(...days: readonly number[]): Promise<string[]> {
  const ids = await rig.kill('acme', days.length);
  await rig.redis.zadd(FAILED, ...ids.flatMap((id, index) => [String(NOW - (days[index] ?? 0) * DAY), id]));
  return ids;
}

const left = () => rig.redis.zrange(FAILED, '0', '-1');

async function balance() {
  const reader = createLedgerReader(rig.shards);
  const { total, holds } = await reader.readLedger();
  expect(holds).toBe(true);
  return total;
}

test('dead letters beyond the age limit are deleted completely, and those that expire within a day are reported', async () => {
  const [, , kept = '', young = ''] = await died(40, 31, 29.5, 1);
  expect(await sweep({ keepFor: 30 * DAY })).toMatchObject({ tooOld: 2, left: 2, expiring: 1, at: NOW });
  expect(await left()).toEqual([kept, young]);
  expect(await balance()).toMatchObject({ accepted: 4, dead: 2, expired: 2, pending: 0 });
  const keys = await rig.redis.keys(`${PREFIX}:deliveries:dlv_*`);
  expect(keys.toSorted()).toEqual([kept, young].map((id) => `${PREFIX}:deliveries:${id}`).toSorted());
  expect(
    await rig.redis.zcard(`${PREFIX}:dead:${(await rig.redis.smembers(`${PREFIX}:dead-groups`))[0]}`),
  ).toBe(2);
  expect(JSON.stringify(await rig.redis.xrange(`${PREFIX}:audit`, '-', '+'))).toContain(
    '"expire","by","retention","who","sluice","reason","age","count","2"',
  );
});

test('without limits no dead letter is deleted', async () => {
  await died(4_000);
  expect(await sweep({})).toMatchObject({ tooOld: 0, tooMany: 0, left: 1, expiring: 0 });
});

test('beyond the byte limit only the oldest dead letters are deleted, and no more than necessary', async () => {
  const ids = await died(5, 4, 3, 2, 1);
  const { bytes } = await sweep({});
  const each = bytes / 5;
  expect(await sweep({ maxBytes: each * 3.5 })).toMatchObject({ tooMany: 2, left: 3 });
  expect(await left()).toEqual(ids.slice(2));
});

test('a thousand of many dead letters are measured unless the limit is near', async () => {
  await rig.seed('acme', 4_000);
  const looks = async () =>
    Number(/cmdstat_hstrlen:calls=(\d+)/.exec(await rig.redis.info('commandstats'))?.[1] ?? 0);
  const swept = async (limits: RetentionLimits) => {
    const before = await looks();
    return { ...(await sweep(limits)), looks: (await looks()) - before };
  };
  const { bytes, left: all, looks: few } = await swept({});
  expect([all, few]).toEqual([4_001, 4 * 1_000]);
  const exactly = await swept({ maxBytes: 1.1 * bytes });
  expect(exactly).toMatchObject({ tooMany: 0, left: 4_001, looks: 4 * (1_000 + 4_001) });
  expect(bytes / exactly.bytes).toBeCloseTo(1, 2);
  // Half of them must be deleted, and no dead letter more.
  const cut = await swept({ maxBytes: exactly.bytes / 2 });
  expect(Math.abs(cut.left - 2_000)).toBeLessThan(3);
});

test('the measured bytes are approximately those that Redis takes', async () => {
  const used = async () => Number(/used_memory:(\d+)/.exec(await rig.redis.info('memory'))?.[1]);
  await rig.kill('acme', 1);
  const before = await used();
  await rig.seed('acme', 2_000);
  const { bytes, left: count } = await sweep({});
  const each = ((await used()) - before) / (count - 1);
  expect(bytes / count / each).toBeGreaterThan(0.85);
  expect(bytes / count / each).toBeLessThan(1.2);
});

test('thousands of dead letters are deleted in steps', async () => {
  await rig.seed('acme', 2_600);
  await rig.redis.zadd(FAILED, NOW, (await left()).at(-1) ?? '');
  expect(await sweep({ keepFor: 30 * DAY }, NOW)).toMatchObject({ tooOld: 2_600, left: 1 });
  expect(await balance()).toMatchObject({ dead: 1, expired: 2_600 });
});

test('discarded dead letters are deleted a day later', async () => {
  const ids = await died(1, 1);
  const deadLetters = createDeadLetters(rig.shards);
  await deadLetters.discard({}, { who: 'ops', reason: 'old' });
  const at = Number(await rig.redis.zscore(`${PREFIX}:discarded`, ids[0] ?? ''));
  expect(await sweep({}, at + DAY - 1)).toMatchObject({ discarded: 0 });
  expect(await sweep({}, at + DAY)).toMatchObject({ discarded: 2 });
  expect(await rig.redis.keys(`${PREFIX}:deliveries:dlv_*`)).toEqual([]);
  expect(await balance()).toMatchObject({ dead: 0, discarded: 2, expired: 0 });
});

test('only one of several workers sweeps', async () => {
  await died(1, 0);
  await rig.redis.zadd(FAILED, Date.now() - 2 * DAY, (await left())[0] ?? '');
  const swept: Sweep[] = [];
  const start = () =>
    startShardWorker({
      ...{
        redisUrl: rig.url,
        prefix: PREFIX,
        concurrency: 1,
        lockDuration: 5_000,
        stalledInterval: 5_000,
      },
      keepDelivered: 1,
      retention: { keepFor: DAY },
      onSwept: (one) => swept.push(one),
      onError: () => {},
      process: async () => ({ kind: 'recorded' }),
    });
  const workers = [start(), start()];
  await vi.waitFor(() => expect(swept.length).toBeGreaterThan(0), { timeout: 10_000 });
  await Promise.all(workers.map((worker) => worker.close()));
  expect(swept).toHaveLength(1);
  expect(await readSweep(rig.place())).toEqual(swept[0]);
});
