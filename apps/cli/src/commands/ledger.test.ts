import { makeDelivery, startRedis } from '@sluice/testing';
import { Queue, UnrecoverableError } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { QueueRig } from '../test-support/queue-rig.ts';
import { run } from '../test-support/run.ts';

let rig: QueueRig;

beforeAll(async () => {
  rig = await QueueRig.open({ startRedis });
});

beforeEach(() => rig.reset(vi));

afterEach(() => {
  vi.unstubAllEnvs();
});

afterAll(() => rig.close());

const enqueue = (connection: string, count: number) =>
  rig.enqueue(...Array.from({ length: count }, () => makeDelivery({ connection })));

/** Delivers one waiting delivery and makes one a dead letter. */
async function work(): Promise<void> {
  const worker = rig.openManualWorker();
  await (await worker.getNextJob('token'))?.moveToCompleted({ eventId: 'evt' }, 'token', false);
  await (await worker.getNextJob('token'))?.moveToFailed(new UnrecoverableError('no'), 'token', false);
  await worker.close();
}

const count = (connection: string, counter: string, by: number) =>
  rig.redis.hincrby(`${rig.prefix}:ledger`, `${connection}\0${counter}`, by);

test('balances without any delivery', async () => {
  expect(await run('ledger')).toEqual({
    code: 0,
    out: 'Ledger balances: 0 accepted = 0 delivered + 0 recorded + 0 erased + 0 dead + 0 pending',
    err: '',
  });
});

test('shows one line per connection, the total, and the equation', async () => {
  await enqueue('acme-orders', 5);
  await work();
  await enqueue('acme-telegram', 1);
  await count('old', 'accepted', 1_234_567);
  await count('old', 'delivered', 1_234_567);
  const { code, out } = await run('ledger');
  expect(out.split('\n').map((line) => line.trimEnd())).toEqual([
    'CONNECTION      ACCEPTED  DELIVERED  RECORDED  ERASED  DEAD  PENDING  DUPLICATES  IGNORED  REPLAYED  RECONCILED',
    'acme-orders            5          1         0       0     1        3           0        0         0           0',
    'acme-telegram          1          0         0       0     0        1           0        0         0           0',
    'old            1,234,567  1,234,567         0       0     0        0           0        0         0           0',
    'total          1,234,573  1,234,568         0       0     1        4           0        0         0           0',
    'Ledger balances: 1,234,573 accepted = 1,234,568 delivered + 0 recorded + 0 erased + 1 dead + 4 pending',
  ]);
  expect(code).toBe(0);
});

test('shows what became of the events in the bot', async () => {
  await count('a', 'accepted', 10);
  await count('a', 'delivered', 8);
  await count('a', 'processed', 5);
  await count('a', 'botFailed', 2);
  await count('a', 'dead', 2);
  await rig.redis.zadd(`${rig.prefix}:awaiting:a`, 1, 'evt_1 dlv_1', 2, 'evt_2 dlv_2');
  const { out } = await run('ledger', '--connection', 'a');
  expect(out.split('\n').slice(-3)).toEqual([
    'CONNECTION  DELIVERED  PROCESSED  AWAITING  UNKNOWN  BOT FAILED  BOT IGNORED  RESENT',
    'a                   8          5         2        1           2            0       0',
    'In the bot: 8 delivered = 5 processed + 2 awaiting + 1 unknown',
  ]);
  await count('a', 'processed', 2);
  await rig.redis.zadd(`${rig.prefix}:awaiting:a`, 1, 'evt_3 dlv_3');
  const { out: unbalanced } = await run('ledger', '--connection', 'a');
  expect(unbalanced).toContain('a: -2 unknown by the counters, which is impossible');
});

test('shows one connection with --connection', async () => {
  await enqueue('a', 2);
  await enqueue('b', 1);
  const { code, out } = await run('ledger', '--connection', 'b');
  expect(out.split('\n')).toHaveLength(3);
  expect(out).toContain('Ledger balances: 1 accepted = 0 delivered + 0 recorded + 0 erased + 0 dead + 1 p');
  expect(code).toBe(0);
  expect(await run('ledger', '--connection', 'c')).toEqual({
    code: 2,
    out: '',
    err: 'error: No deliveries for connection "c". Check the id of the connection.',
  });
});

describe('exits with 1 and shows the difference', () => {
  test('for a delivery that is missing', async () => {
    await enqueue('a', 3);
    await rig.redis.rpop(`${rig.prefix}:deliveries:wait`);
    const { code, out } = await run('ledger');
    expect(out).toContain('Ledger does not balance: 3 accepted = ');
    expect(out).toContain('\n  3 pending by the counters, 2 stored: 1 missing');
    expect(code).toBe(1);
    expect((await run('ledger', '--connection', 'a')).code).toBe(1);
  });

  test('for a dead letter that was not counted', async () => {
    await rig.redis.zadd(`${rig.prefix}:deliveries:failed`, 1, 'dlv_1', 2, 'dlv_2');
    await count('a', 'accepted', 1);
    await count('a', 'delivered', 1);
    const { code, out } = await run('ledger');
    expect(out).toContain('\n  0 dead by the counters, 2 stored: 2 too many');
    expect(code).toBe(1);
  });

  test('for a negative counter, although the total balances', async () => {
    await enqueue('a', 1);
    await enqueue('b', 1);
    await count('a', 'delivered', 2);
    await count('b', 'accepted', 2);
    const { code, out } = await run('ledger');
    expect(out).toContain('\n  a: -1 pending by the counters, which is impossible');
    expect(code).toBe(1);
    expect((await run('ledger', '--connection', 'a')).code).toBe(1);
    expect((await run('ledger', '--connection', 'b')).code).toBe(0);
  });

  test('with --deep, for a delivery counted for another connection', async () => {
    await enqueue('a', 2);
    await enqueue('b', 2);
    await count('a', 'accepted', 1);
    await count('b', 'accepted', -1);
    expect((await run('ledger')).code).toBe(0);
    const { code, out } = await run('ledger', '--deep');
    expect(out).toContain(
      [
        'Stored deliveries counted: 2 connections compared, 2 differences',
        '  a: 3 pending by the counters, 2 stored: 1 missing',
        '  b: 1 pending by the counters, 2 stored: 1 too many',
      ].join('\n'),
    );
    expect(code).toBe(1);
    const one = await run('ledger', '--deep', '--connection', 'b');
    expect(one.out).not.toContain('a: 3 pending');
    expect(one.code).toBe(1);
  });
});

test('finds no difference with --deep when the counters are right', async () => {
  await enqueue('a', 4);
  await work();
  const { code, out } = await run('ledger', '--deep');
  expect(out).toMatch(/\nStored deliveries counted: 1 connection compared, 0 differences$/);
  expect(code).toBe(0);
});

test('prints the same as JSON', async () => {
  await enqueue('a', 4);
  await work();
  const { code, out } = await run('ledger', '--json', '--deep');
  expect(JSON.parse(out)).toMatchObject({
    holds: true,
    connections: [{ connection: 'a', accepted: 4, delivered: 1, dead: 1, pending: 2, replayed: 0 }],
    total: { accepted: 4, pending: 2 },
    stored: { pending: 2, dead: 1 },
    differences: [],
    walk: { compared: 1, moved: [], differences: [] },
  });
  expect(code).toBe(0);
});

test('shows deliveries from before the ledger in their own line', async () => {
  const plain = new Queue('deliveries', { connection: rig.redis, prefix: rig.prefix });
  await plain.add('orders/create', {}, { jobId: 'dlv_1' });
  const { code, out } = await run('ledger');
  expect(out).toMatch(/^\(before the ledger\) +1 +0 +0 +0 +0 +1 /m);
  expect(code).toBe(0);
});

describe('reports in one line', () => {
  test('that Redis is unreachable', async () => {
    vi.stubEnv('REDIS_URL', 'redis://:hunter2@127.0.0.1:1');
    expect(await run('ledger')).toEqual({
      code: 1,
      out: '',
      err: 'error: Redis at redis://127.0.0.1:1 does not respond: connect ECONNREFUSED 127.0.0.1:1. Check REDIS_URL.',
    });
  });

  test('that the password is wrong', async () => {
    await rig.redis.config('SET', 'requirepass', 'right');
    try {
      const { code, err } = await run('ledger');
      expect(err).toMatch(/^error: Redis at redis:\/\/127\.0\.0\.1:\d+ does not respond: NOAUTH .*$/);
      expect(code).toBe(1);
    } finally {
      await rig.redis.config('SET', 'requirepass', '');
    }
  });

  test('that Redis is frozen', async () => {
    rig.server.signal('SIGSTOP');
    try {
      const { code, err } = await run('ledger');
      expect(err).toContain('does not respond: no response within 5 s');
      expect(code).toBe(1);
    } finally {
      rig.server.signal('SIGCONT');
    }
  });
});
