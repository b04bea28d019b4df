import { makeDelivery, startRedis } from '@sluice/testing';
import { Queue, UnrecoverableError } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { QueueRig } from '../test-support/queue-rig.ts';
import { run } from '../test-support/recording.ts';

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

/** Of what waits, delivers one and lets one die. */
async function work(): Promise<void> {
  const worker = rig.takeByHand();
  await (await worker.getNextJob('token'))?.moveToCompleted({ eventId: 'evt' }, 'token', false);
  await (await worker.getNextJob('token'))?.moveToFailed(new UnrecoverableError('no'), 'token', false);
  await worker.close();
}

const count = (connection: string, counter: string, by: number) =>
  rig.redis.hincrby(`${rig.prefix}:ledger`, `${connection}\0${counter}`, by);

test('nothing at all balances', async () => {
  expect(await run('ledger')).toEqual({
    code: 0,
    out: 'the ledger balances: 0 accepted = 0 delivered + 0 recorded + 0 erased + 0 dead + 0 pending',
    err: '',
  });
});

test('a line for each connection, their total, and the equation', async () => {
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
    'the ledger balances: 1,234,573 accepted = 1,234,568 delivered + 0 recorded + 0 erased + 1 dead + 4 pending',
  ]);
  expect(code).toBe(0);
});

test('--connection tells of one alone', async () => {
  await enqueue('a', 2);
  await enqueue('b', 1);
  const { code, out } = await run('ledger', '--connection', 'b');
  expect(out.split('\n')).toHaveLength(3);
  expect(out).toContain(
    'the ledger balances: 1 accepted = 0 delivered + 0 recorded + 0 erased + 0 dead + 1 p',
  );
  expect(code).toBe(0);
  expect(await run('ledger', '--connection', 'c')).toEqual({
    code: 2,
    out: '',
    err: 'error: nothing has come in for a connection "c"  — is that its id?',
  });
});

describe('what does not balance is told, and ends with 1', () => {
  test('a delivery that vanished', async () => {
    await enqueue('a', 3);
    await rig.redis.rpop(`${rig.prefix}:deliveries:wait`);
    const { code, out } = await run('ledger');
    expect(out).toContain('the ledger does not balance: 3 accepted = ');
    expect(out).toContain('\n  3 pending by the counters, 2 there: 1 missing');
    expect(code).toBe(1);
    expect((await run('ledger', '--connection', 'a')).code).toBe(1);
  });

  test('a dead letter that nobody counted', async () => {
    await rig.redis.zadd(`${rig.prefix}:deliveries:failed`, 1, 'dlv_1', 2, 'dlv_2');
    await count('a', 'accepted', 1);
    await count('a', 'delivered', 1);
    const { code, out } = await run('ledger');
    expect(out).toContain('\n  0 dead by the counters, 2 there: 2 too many');
    expect(code).toBe(1);
  });

  test('a counter below zero, though all together they agree', async () => {
    await enqueue('a', 1);
    await enqueue('b', 1);
    await count('a', 'delivered', 2);
    await count('b', 'accepted', 2);
    const { code, out } = await run('ledger');
    expect(out).toContain('\n  a: -1 pending by the counters, which cannot be');
    expect(code).toBe(1);
    expect((await run('ledger', '--connection', 'a')).code).toBe(1);
    expect((await run('ledger', '--connection', 'b')).code).toBe(0);
  });

  test('with --deep, one connection taken for another', async () => {
    await enqueue('a', 2);
    await enqueue('b', 2);
    await count('a', 'accepted', 1);
    await count('b', 'accepted', -1);
    expect((await run('ledger')).code).toBe(0);
    const { code, out } = await run('ledger', '--deep');
    expect(out).toContain(
      [
        'counted one by one: 2 connections compared, 2 differences',
        '  a: 3 pending by the counters, 2 there: 1 missing',
        '  b: 1 pending by the counters, 2 there: 1 too many',
      ].join('\n'),
    );
    expect(code).toBe(1);
    const ofOne = await run('ledger', '--deep', '--connection', 'b');
    expect(ofOne.out).not.toContain('a: 3 pending');
    expect(ofOne.code).toBe(1);
  });
});

test('--deep agrees with what is stored', async () => {
  await enqueue('a', 4);
  await work();
  const { code, out } = await run('ledger', '--deep');
  expect(out).toMatch(/\ncounted one by one: 1 connection compared, 0 differences$/);
  expect(code).toBe(0);
});

test('--json tells the same to programs', async () => {
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

test('what came in before there was a ledger has a line of its own', async () => {
  const plain = new Queue('deliveries', { connection: rig.redis, prefix: rig.prefix });
  await plain.add('orders/create', {}, { jobId: 'dlv_1' });
  const { code, out } = await run('ledger');
  expect(out).toMatch(/^\(before the ledger\) +1 +0 +0 +0 +0 +1 /m);
  expect(code).toBe(0);
});

describe('a Redis that does not answer is one line', () => {
  test('nobody there', async () => {
    vi.stubEnv('REDIS_URL', 'redis://:hunter2@127.0.0.1:1');
    expect(await run('ledger')).toEqual({
      code: 1,
      out: '',
      err: 'error: Redis at redis://127.0.0.1:1 does not answer: connect ECONNREFUSED 127.0.0.1:1  — is REDIS_URL right?',
    });
  });

  test('the wrong password', async () => {
    await rig.redis.config('SET', 'requirepass', 'right');
    try {
      const { code, err } = await run('ledger');
      expect(err).toMatch(/^error: Redis at redis:\/\/127\.0\.0\.1:\d+ does not answer: NOAUTH .*$/);
      expect(code).toBe(1);
    } finally {
      await rig.redis.config('SET', 'requirepass', '');
    }
  });

  test('frozen', async () => {
    rig.server.signal('SIGSTOP');
    try {
      const { code, err } = await run('ledger');
      expect(err).toContain('does not answer: nothing within 5 s');
      expect(code).toBe(1);
    } finally {
      rig.server.signal('SIGCONT');
    }
  });
});
