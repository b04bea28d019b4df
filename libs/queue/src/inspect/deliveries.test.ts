import { makeDelivery, seedDeadLetters, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createDeadLetters } from '../dead-letters/dead-letters.ts';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { DeadRig } from '../test-support/dead-letter-rig.ts';
import { createDeliveries, type Deliveries } from './deliveries.ts';

let rig: DeadRig;
let deliveries: Deliveries;

beforeAll(async () => {
  rig = await DeadRig.open({ startRedis, makeDelivery, seedDeadLetters });
  deliveries = createDeliveries(rig.shards);
});

beforeEach(() => rig.redis.flushall());

afterAll(async () => {
  await rig.close();
});

let enqueued = 0;

/** Enqueues a delivery with the given body; ids ascend. */
async function enqueue(body: string): Promise<string> {
  const id = `dlv_0199${String(enqueued++).padStart(4, '0')}-0000-7000-8000-000000000000` as const;
  await enqueueGroup(rig.queue, [{ delivery: makeDelivery({ id, body }), deduplicationWindow: 60_000 }]);
  return id;
}

const find = (value: string, limit = 10) => deliveries.find([{ name: 'order_id', value }], { limit });
const idsOf = async (value: string, limit?: number) => (await find(value, limit)).map(({ id }) => id);

test('finds the deliveries of an order in every state, newest first', async () => {
  const delivered = await enqueue('{"id":1042}');
  await (await rig.take()).moveToCompleted({ eventId: 'evt_1', reconciled: false }, 'lock', false);
  const [dead = ''] = await rig.kill('acme', 1);
  const data = JSON.parse((await rig.redis.hget(rig.queue.toKey(dead), 'data')) ?? '') as object;
  await rig.redis.hset(rig.queue.toKey(dead), 'data', JSON.stringify({ ...data, body: '{"id":1042}' }));
  const active = await enqueue('{"id":1042,"n":1}');
  await rig.take();
  const waiting = await enqueue('{"order_id":1042}');
  await enqueue('{"id":10420,"note":"1042"}');
  const found = await find('1042');
  expect(new Map(found.map(({ id, state }) => [id, state]))).toEqual(
    new Map([
      [delivered, 'delivered'],
      [dead, 'dead'],
      [active, 'active'],
      [waiting, 'waiting'],
    ]),
  );
  expect(found.map(({ id }) => id)).toEqual(
    found
      .map(({ id }) => id)
      .toSorted()
      .toReversed(),
  );
  expect(found.find(({ id }) => id === delivered)).toMatchObject({
    connection: 'acme-orders',
    topic: 'orders/create',
    eventId: 'evt_1',
    at: expect.any(Number),
  });
  expect(found.find(({ id }) => id === dead)).toMatchObject({ reason: 'rejected' });
  expect(await find('1')).toEqual([]);
});

test('finds discarded deliveries, and edited ones by their original body', async () => {
  const [id = ''] = await rig.kill('acme', 1);
  const data = JSON.parse((await rig.redis.hget(rig.queue.toKey(id), 'data')) ?? '') as object;
  const edited = JSON.stringify({ ...data, body: '{"id":2}' });
  await rig.redis.hset(rig.queue.toKey(id), {
    data: edited,
    'sl:original': JSON.stringify({ ...data, body: '{"id":1}' }),
  });
  const deadLetters = createDeadLetters(rig.shards);
  await deadLetters.discard({ id: [id] }, { who: 'ops', reason: 'tidy' });
  for (const value of ['1', '2']) expect(await find(value)).toMatchObject([{ id, state: 'discarded' }]);
});

test('searches thousands of deliveries and returns the newest matches', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 1_500; index += 1) ids.push(await enqueue(`{"id":${index % 100}}`));
  const matches = ids.filter((_, index) => index % 100 === 7).toReversed();
  expect(await idsOf('7', 100)).toEqual(matches);
  expect(await idsOf('7', 3)).toEqual(matches.slice(0, 3));
});
