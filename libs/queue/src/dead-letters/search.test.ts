import type { Delivery } from '@sluice/events';
import { makeDelivery, seedDeadLetters, startRedis } from '@sluice/testing';
import { UnrecoverableError } from 'bullmq';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { finalizeDelivery } from '../consume/finalize.ts';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { addBloomFilter, BLOOM_FILTER_MARK } from '../records/bloom-filter.ts';
import { readDelivery } from '../records/delivery.ts';
import type { DeliveryOutcome } from '../records/outcome.ts';
import { createReplays, type Replays } from '../replays/replays.ts';
import { stepReplay } from '../replays/runner.ts';
import { DeadRig, DIED_AT, PREFIX } from '../test-support/dead-letter-rig.ts';
import { failJob } from '../test-support/fail-job.ts';
import { createDeadLetters, type DeadLetters } from './dead-letters.ts';
import type { DeadLetterFilter } from './filter.ts';
import { deadLetterFilter } from './filter-schema.ts';

type Dead = Extract<DeliveryOutcome, { kind: 'dead' }>;

const KEY = `${PREFIX}:deliveries:`;

let rig: DeadRig;
let deadLetters: DeadLetters;
let replays: Replays;

beforeAll(async () => {
  rig = await DeadRig.open({ startRedis, makeDelivery, seedDeadLetters });
  deadLetters = createDeadLetters(rig.shards);
  replays = createReplays(rig.shards);
});

beforeEach(() => rig.redis.flushall());

afterAll(async () => {
  await rig.close();
});

let killed = 0;

/** Lets a delivery die a millisecond after the previous one, as a worker finalizes it, or in BullMQ's words. */
async function kill(delivery: Partial<Delivery>, death: Partial<Dead> | string = {}): Promise<string> {
  const made = makeDelivery(delivery);
  await enqueueGroup(rig.queue, [{ delivery: made, deduplicationWindow: 60_000 }]);
  const job = await rig.take();
  const reading = readDelivery(made.id, job.data);
  const { name, data, attemptsMade } = job;
  const reserved = { id: made.id, name, data, attemptsMade, lock: 'lock', crashes: 0, reservedAt: DIED_AT };
  const context = { job: reserved, reading, backend: rig.queue.getBackend() };
  const outcome: Dead = { kind: 'dead', reason: 'rejected', detail: { message: 'no' }, ...Object(death) };
  const resolution = await finalizeDelivery(context, outcome);
  if (typeof death === 'string') await job.moveToFailed(new UnrecoverableError(death), 'lock', false);
  else if (resolution.kind === 'failed') await failJob(job, resolution);
  const diedAt = DIED_AT + killed++;
  for (const set of [`${KEY}failed`, ...(await rig.redis.keys(`${PREFIX}:dead:*`))]) {
    await rig.redis.zadd(set, 'XX', diedAt, made.id);
  }
  return made.id;
}

/** Finds oldest first by pages of two, and newest first one by one. The plan must count the same. */
async function find(filter: DeadLetterFilter): Promise<string[]> {
  const walks: string[][] = [];
  for (const [order, limit] of [
    ['oldest', 2],
    ['newest', 1],
    ['newest', 1_000],
  ] as const) {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await deadLetters.find(deadLetterFilter.parse(filter), { order, limit, cursor });
      expect(page.letters.length).toBeLessThanOrEqual(limit);
      ids.push(...page.letters.map(({ id }) => id));
      cursor = page.next;
    } while (cursor);
    walks.push(order === 'oldest' ? ids : ids.toReversed());
  }
  expect(walks[1]).toEqual(walks[0]);
  expect(walks[2]).toEqual(walks[0]);
  const plan = await replays.plan(filter);
  expect(plan.count).toBe(walks[0]?.length);
  expect(plan.groups.reduce((sum, { count }) => sum + count, 0)).toBe(plan.count);
  return walks[0] ?? [];
}

describe('each filter finds exactly the dead letters that match', () => {
  test('by connection, source, topic, event and reason', async () => {
    const one = await kill({ connection: 'acme' }, { event: 'newOrderCreated' });
    const two = await kill(
      { connection: 'acm', source: 'linear', topic: 'Issue.create' },
      { reason: 'mapper_threw', event: 'issueCreated' },
    );
    const three = await kill({ connection: 'acme', topic: 'orders/paid' }, { reason: 'crashed' });
    expect(await find({ connection: 'acme' })).toEqual([one, three]);
    expect(await find({ connection: 'acm' })).toEqual([two]);
    expect(await find({ source: 'shopify' })).toEqual([one, three]);
    expect(await find({ topic: 'orders/create' })).toEqual([one]);
    expect(await find({ topic: 'orders' })).toEqual([]);
    expect(await find({ event: 'issueCreated' })).toEqual([two]);
    expect(await find({ event: 'issue' })).toEqual([]);
    expect(await find({ reason: 'crashed' })).toEqual([three]);
    expect(await find({ connection: 'acme', reason: 'rejected', source: 'shopify' })).toEqual([one]);
    expect(await find({})).toEqual([one, two, three]);
  });

  test('by the job where the failure is in BullMQ’s own words', async () => {
    const crashed = await kill({ connection: 'acme' }, 'job stalled more than allowable limit');
    await kill({ connection: 'other', source: 'linear', topic: 'Issue.create' }, 'job stalled more');
    expect(
      await find({ connection: 'acme', source: 'shopify', topic: 'orders/create', reason: 'crashed' }),
    ).toEqual([crashed]);
    expect(await find({ text: 'ALLOWABLE' })).toEqual([crashed]);
    expect(await find({ event: 'newOrderCreated' })).toEqual([]);
    expect(await find({ status: 400 })).toEqual([]);
    expect(await find({ group: 'other', connection: 'acme' })).toEqual([crashed]);
  });

  test('by error type and status', async () => {
    const detail = { message: 'no', status: 400, type: 'InvalidPayload' };
    const one = await kill({}, { detail });
    const two = await kill(
      {},
      { detail: { message: '"type":"InvalidPayload"', status: 40, type: 'Payload' } },
    );
    expect(await find({ type: 'InvalidPayload' })).toEqual([one]);
    expect(await find({ type: 'Payload', status: 400 })).toEqual([]);
    await rig.redis.hset(
      `${KEY}${two}`,
      'failedReason',
      JSON.stringify({ reason: 'rejected', detail: { status: 400, message: '' } }),
    );
    expect((await deadLetters.find({ status: 400 }, { order: 'oldest', limit: 9 })).letters).toHaveLength(2);
  });

  test('by the inclusive bounds since and until', async () => {
    killed = 0;
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) ids.push(await kill({ connection: `c${index % 2}` }));
    expect(await find({ since: DIED_AT + 1, until: DIED_AT + 3 })).toEqual(ids.slice(1, 4));
    expect(await find({ since: DIED_AT + 3 })).toEqual(ids.slice(3));
    expect(await find({ until: DIED_AT })).toEqual(ids.slice(0, 1));
    expect(await find({ until: DIED_AT + 3, connection: 'c1' })).toEqual([ids[1], ids[3]]);
    expect(await find({ since: DIED_AT + 5 })).toEqual([]);
    expect(await find({ since: 0, until: 0 })).toEqual([]);
    const [group] = (await deadLetters.groups()).map((one) => one.group);
    expect(await find({ group: group ?? '', since: DIED_AT + 1 })).toHaveLength(2);
    const page = await deadLetters.find({}, { order: 'newest', limit: 1 });
    const narrowed = { order: 'newest', limit: 9, cursor: page.next } as const;
    const { letters } = await deadLetters.find({ until: DIED_AT + 1 }, narrowed);
    expect(letters.map(({ id }) => id)).toEqual(ids.slice(0, 2).toReversed());
  });

  test('by a minimum number of attempts', async () => {
    const [one, two] = [await kill({}), await kill({})];
    for (const [id, attempts] of [
      [one, 3],
      [two, 21],
    ] as const) {
      await rig.redis.hset(`${KEY}${id}`, 'atm', attempts);
    }
    expect(await find({ attempts: 3 })).toEqual([one, two]);
    expect(await find({ attempts: 4, connection: 'acme-orders' })).toEqual([two]);
    expect(await find({ attempts: 22 })).toEqual([]);
  });

  test('by a text in the message or an issue, in any case, and in no other property', async () => {
    const one = await kill({}, { detail: { message: 'Order "Ä 1"\nis UNKNOWN', status: 404 } });
    const issues = [{ path: 'line_items.0.price', message: 'Expected number' }];
    const two = await kill({}, { detail: { message: 'does not fit', issues } });
    expect(await find({ text: 'order "ä 1"\nis unknown' })).toEqual([one]);
    expect(await find({ text: 'unKnown' })).toEqual([one]);
    expect(await find({ text: 'Ä' })).toEqual([one]);
    expect(await find({ text: 'ö' })).toEqual([]);
    expect(await find({ text: 'expected NUMBER' })).toEqual([two]);
    expect(await find({ text: '.0.price' })).toEqual([two]);
    for (const text of ['shopify', 'status', 'message', 'rejected', 'detail', '\\', 'sieve']) {
      expect(await find({ text })).toEqual([]);
    }
  });

  test('by ids, and looks at no other dead letters', async () => {
    const ids = [
      await kill({ connection: 'a' }),
      await kill({ connection: 'b' }),
      await kill({ connection: 'a' }),
    ];
    expect(await find({ id: [ids[2] ?? '', 'dlv_gone', ids[0] ?? '', ids[0] ?? ''] })).toEqual([
      ids[0],
      ids[2],
    ]);
    expect(await find({ id: ids, connection: 'b' })).toEqual([ids[1]]);
    expect(await find({ id: [] })).toEqual([]);
    const { group = '' } = (await deadLetters.groups()).find(({ count }) => count === 2) ?? {};
    expect(await find({ id: ids, group })).toEqual([ids[0], ids[2]]);
  });
});

describe('payload values', () => {
  const order = (number: number, more = '') =>
    `{"id":${number},"name":"#${number}","email":"jo+${number}@example.com","line_items":[{"sku":"s-${number}"}]${more}}`;

  test('are found by a name of the source, a path, or any property of that name', async () => {
    const one = await kill({ body: order(1042), headers: { 'x-shopify-shop-domain': 'acme.myshopify.com' } });
    const two = await kill({ body: order(10420, ',"x":{"order":1042}') });
    const having = (name: string, value: string) => find({ having: [{ name, value }] });
    expect(await having('order_id', '1042')).toEqual([one]);
    expect(await having('order', '#10420')).toEqual([two]);
    expect(await having('order', '1042')).toEqual([]);
    expect(await having('shop', 'acme.myshopify.com')).toEqual([one]);
    expect(await having('email', 'jo+1042@example.com')).toEqual([one]);
    expect(await having('sku', 's-1042')).toEqual([one]);
    expect(await having('line_items.sku', 's-10420')).toEqual([two]);
    expect(await having('x.order', '1042')).toEqual([two]);
    expect(await having('id', '10')).toEqual([]);
    const terms = [
      { name: 'sku', value: 's-1042' },
      { name: 'email', value: 'jo+10420@example.com' },
    ];
    expect(await find({ having: terms })).toEqual([]);
    expect(await find({ having: terms.slice(0, 1), connection: 'nobody' })).toEqual([]);
  });

  test('are compared exactly, in escapes and in any script', async () => {
    const one = await kill({ body: '{"id":820982911946154508,"name":"Zo\\u00eb \\"Z\\"","mail":"佐藤"}' });
    const having = (name: string, value: string) => find({ having: [{ name, value }] });
    expect(await having('id', '820982911946154508')).toEqual([one]);
    expect(await having('id', '820982911946154500')).toEqual([]);
    expect(await having('name', 'Zoë "Z"')).toEqual([one]);
    expect(await having('mail', '佐藤')).toEqual([one]);
  });

  test('are found in bodies without a Bloom filter, as earlier versions stored them', async () => {
    const one = await kill({ body: order(1042) }, 'BullMQ says no');
    const two = await kill({ body: order(1042) });
    const failure = (await rig.redis.hget(`${KEY}${two}`, 'sl:failure')) ?? '';
    expect(failure).toContain(BLOOM_FILTER_MARK);
    expect(await find({ having: [{ name: 'order_id', value: '1042' }] })).toEqual([one, two]);
    expect(await find({ having: [{ name: 'order_id', value: '1043' }] })).toEqual([]);
  });

  test('are found in the edited and in the original body', async () => {
    const id = await kill({ body: order(1) });
    await kill({ body: order(3) });
    const data = (await rig.redis.hget(`${KEY}${id}`, 'data')) ?? '';
    const edited = JSON.stringify({ ...JSON.parse(data), body: order(2) });
    await rig.redis.hset(`${KEY}${id}`, { data: edited, 'sl:original': data });
    for (const value of ['1', '2']) {
      expect(await find({ having: [{ name: 'order_id', value }] })).toEqual([id]);
    }
  });

  test('select exactly the dead letters of a replay', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 12; index++) ids.push(await kill({ body: order(index % 4) }));
    const filter = { having: [{ name: 'order_id', value: '2' }] };
    const id = await replays.run({ filter, until: DIED_AT + 1e9 }, { who: 'ops', reason: 'test' });
    expect(await replays.get(id)).toMatchObject({ planned: 3, filter });
    const backend = rig.queue.getBackend();
    const place = { redis: rig.redis, base: `${PREFIX}:`, keyPrefix: KEY, backend, now: Date.now };
    await stepReplay(place, id);
    const left = (await deadLetters.find({}, { order: 'oldest', limit: 99 })).letters.map((one) => one.id);
    expect(left).toEqual(ids.filter((_, index) => index % 4 !== 2));
  });

  test('are not searched where the Bloom filter excludes them', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 40; index++)
      ids.push(await kill({ body: order(index, `,"n":[${'1,'.repeat(200)}2]`) }));
    for (const id of ids) {
      const data = (await rig.redis.hget(`${KEY}${id}`, 'data')) ?? '';
      await rig.redis.hset(`${KEY}${id}`, 'data', data.replace('#', '7777","y":"'));
    }
    expect((await find({ having: [{ name: 'name', value: '7777' }] })).length).toBeLessThan(8);
    const failure = addBloomFilter('{}', { body: order(1, `,"n":[${'1,'.repeat(200)}2]`), headers: {} });
    expect(failure.length).toBeLessThan(30);
  });
});

describe('a filter from outside', () => {
  test.each([
    [{ id: ['x'] }],
    [{ id: Array.from({ length: 1_001 }, () => 'dlv_1') }],
    [{ reason: 'bad luck' }],
    [{ group: '*' }],
    [{ status: 99 }],
    [{ text: 'x'.repeat(201) }],
    [{ having: Array.from({ length: 6 }, () => ({ name: 'a', value: 'b' })) }],
    [{ having: [{ name: 'a', value: '' }] }],
    [{ mapper: 'x' }],
    [{ since: -1 }],
  ])('is rejected if it is invalid: %j', (filter) => {
    expect(deadLetterFilter.safeParse(filter).success).toBe(false);
  });
});
