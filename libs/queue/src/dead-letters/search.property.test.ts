import { makeDelivery, seedDeadLetters, seededRandom, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { addBloomFilter } from '../records/bloom-filter.ts';
import { writeFailure } from '../records/failure.ts';
import type { DeadReason } from '../records/outcome.ts';
import { createReplays, type Replays } from '../replays/replays.ts';
import { DeadRig, DIED_AT, PREFIX } from '../test-support/dead-letter-rig.ts';
import { failJob, failJobAsEarlier } from '../test-support/fail-job.ts';
import { createDeadLetters, type DeadLetters } from './dead-letters.ts';
import type { DeadLetterFilter } from './filter.ts';

const SEED = 20_261_125;
const LETTERS = 250;
const FILTERS = 150;

/** The values of a dead letter; most are shared by many. */
interface Made {
  readonly id: string;
  readonly connection: string;
  readonly source: string;
  readonly topic: string;
  readonly event: string | undefined;
  readonly reason: DeadReason;
  readonly type: string;
  readonly status: number;
  readonly replay: string | undefined;
  readonly message: string;
  readonly order: string;
  readonly diedAt: number;
}

let rig: DeadRig;
let deadLetters: DeadLetters;
let replays: Replays;

beforeAll(async () => {
  rig = await DeadRig.open({ startRedis, makeDelivery, seedDeadLetters });
  [deadLetters, replays] = [createDeadLetters(rig.shards), createReplays(rig.shards)];
});

afterAll(async () => {
  await rig.close();
});

const random = seededRandom(SEED);
const below = (count: number) => Math.floor(random() * count);
const oneOf = <T>(...list: readonly T[]): T => list[below(list.length)] as T;

const make = (id: string): Made => ({
  id,
  connection: oneOf('a', 'aa', 'b"c'),
  source: oneOf('shopify', 'linear'),
  topic: oneOf('orders/create', 'orders/paid'),
  event: oneOf('newOrderCreated', 'orderPaid', undefined),
  reason: oneOf('rejected', 'mapper_threw', 'crashed'),
  type: oneOf('InvalidPayload', 'Invalid'),
  status: oneOf(400, 404),
  replay: oneOf('rpl_1', 'rpl_2', undefined),
  message: oneOf('No such Event', 'Ünknown "thing"', 'type 400'),
  order: oneOf('1', '10', '820982911946154508'),
  diedAt: DIED_AT + below(20),
});

async function kill(made: Made): Promise<void> {
  const { id: _, connection, source, topic, event, reason, message, type, status, order } = made;
  const body = `{"order":{"number":${order}}}`;
  const delivery = makeDelivery({ id: made.id as `dlv_${string}`, connection, source, topic, body });
  await enqueueGroup(rig.queue, [{ delivery, deduplicationWindow: 60_000 }]);
  const origin = { connection, source, topic, ...(event === undefined ? {} : { event }) };
  const written = writeFailure(reason, { message, type, status }, origin);
  const failure = below(2) === 0 ? addBloomFilter(written.failure, delivery) : written.failure;
  const fail = below(2) === 0 ? failJob : failJobAsEarlier;
  await fail(await rig.take(), { ...written, failure });
  if (made.replay) await rig.redis.hset(`${PREFIX}:deliveries:${made.id}`, 'sl:replay', made.replay);
}

/** Makes a filter from some values of a dead letter, and sometimes from values that none has. */
function filterOf(made: Made): DeadLetterFilter {
  const some = (part: DeadLetterFilter): DeadLetterFilter => (below(4) === 0 ? part : {});
  return {
    ...some({ connection: made.connection }),
    ...some({ source: made.source }),
    ...some({ topic: made.topic }),
    ...some(made.event === undefined ? {} : { event: made.event }),
    ...some({ reason: made.reason }),
    ...some({ type: made.type }),
    ...some(made.replay === undefined ? {} : { replay: made.replay }),
    ...some({ status: made.status }),
    ...some({ since: made.diedAt - below(3) }),
    ...some({ until: made.diedAt + below(3) }),
    ...some({ text: oneOf(made.message.slice(below(5)).toUpperCase(), 'ü', 'thing"', 'nowhere') }),
    ...some({ having: [{ name: oneOf('number', 'order.number'), value: oneOf(made.order, '108') }] }),
  };
}

function fits(made: Made, filter: DeadLetterFilter): boolean {
  const {
    since = 0,
    until = Number.POSITIVE_INFINITY,
    text = '',
    having = [],
    id: _,
    group: __,
    ...same
  } = filter;
  return (
    Object.entries(same).every(([name, value]) => made[name as keyof Made] === value) &&
    made.diedAt >= since &&
    made.diedAt <= until &&
    made.message.toLowerCase().includes(text.toLowerCase()) &&
    having.every(({ value }) => value === made.order)
  );
}

test(`a random filter finds and counts the same dead letters as a plain comparison, in any order by any pages (${SEED})`, async () => {
  const all = Array.from({ length: LETTERS }, (_, index) =>
    make(`dlv_${String(index * 7919).padStart(8, '0')}`),
  );
  for (const made of all) await kill(made);
  for (const set of [`${PREFIX}:deliveries:failed`, ...(await rig.redis.keys(`${PREFIX}:dead:*`))]) {
    await rig.redis.zadd(set, 'XX', ...all.flatMap(({ id, diedAt }) => [diedAt, id]));
  }
  let found = 0;
  for (let round = 0; round < FILTERS; round++) {
    const filter = filterOf(oneOf(...all));
    const fitting = all.filter((made) => fits(made, filter));
    const inOrder = fitting
      .toSorted((one, other) => one.diedAt - other.diedAt || (one.id < other.id ? -1 : 1))
      .map(({ id }) => id);
    const order = oneOf('oldest', 'newest');
    const limit = oneOf(1, 3, 50, 1_000);
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await deadLetters.find(filter, { order, limit, cursor });
      ids.push(...page.letters.map(({ id }) => id));
      cursor = page.next;
    } while (cursor);
    expect(ids, JSON.stringify(filter)).toEqual(order === 'oldest' ? inOrder : inOrder.toReversed());
    expect((await replays.plan(filter)).count, JSON.stringify(filter)).toBe(ids.length);
    found += ids.length;
  }
  expect(found).toBeGreaterThan(FILTERS);
});
