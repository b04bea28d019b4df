import { makeDelivery, seedDeadLetters, startRedis } from '@sluice/testing';
import { UnrecoverableError } from 'bullmq';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DeadRig, DIED_AT, PREFIX } from '../test-support/dead-letter-rig.ts';
import { createDeadLetters, type DeadLetters } from './dead-letters.ts';
import type { DeadLetterFilter } from './filter.ts';
import type { DeadLetter, PageRequest } from './search.ts';

const FAILED = `${PREFIX}:deliveries:failed`;

let rig: DeadRig;
let deadLetters: DeadLetters;

beforeAll(async () => {
  rig = await DeadRig.open({ startRedis, makeDelivery, seedDeadLetters });
  deadLetters = createDeadLetters(rig.shards);
});

beforeEach(() => rig.redis.flushall());

afterAll(async () => {
  await rig.close();
});

/** Returns all dead letters that match, read by pages of that size. */
async function walk(filter: DeadLetterFilter, limit: number, order: PageRequest['order'] = 'newest') {
  const letters: DeadLetter[] = [];
  let cursor: string | undefined;
  do {
    const page = await deadLetters.find(filter, { order, limit, cursor });
    expect(page.letters.length).toBeLessThanOrEqual(limit);
    letters.push(...page.letters);
    cursor = page.next;
  } while (cursor);
  return letters;
}

const idsOf = (letters: readonly DeadLetter[]) => letters.map(({ id }) => id);

describe('find', () => {
  test('returns the source and the failure of a dead letter, without its body', async () => {
    const [id] = await rig.kill('acme', 1, 'invalid_event');
    const { letters, next } = await deadLetters.find({}, { order: 'newest', limit: 5 });
    expect(next).toBeUndefined();
    expect(letters).toEqual([
      {
        id,
        connection: 'acme',
        topic: 'orders/create',
        reason: 'invalid_event',
        group: expect.stringMatching(/^[0-9a-f]{16}$/),
        detail: { message: 'no' },
        origin: { connection: 'acme', source: 'shopify', topic: 'orders/create' },
        receivedAt: expect.any(Number),
        diedAt: DIED_AT,
        attempts: 1,
      },
    ]);
  });

  test.each([1, 3, 7, 100])(
    'returns every dead letter once in either order by pages of %i',
    async (limit) => {
      const ids = await rig.kill('acme', 7);
      expect(idsOf(await walk({}, limit, 'oldest'))).toEqual(ids);
      expect(idsOf(await walk({}, limit))).toEqual(ids.toReversed());
    },
  );

  test.each(['newest', 'oldest'] as const)(
    'omits none of those that died at the same time, %s first',
    async (order) => {
      const ids = await rig.kill('acme', 30);
      await rig.redis.zadd(FAILED, ...ids.flatMap((id, index) => [DIED_AT + (index < 25 ? 0 : 1), id]));
      for (const limit of [1, 4, 25]) {
        const walked = idsOf(await walk({}, limit, order));
        expect(walked).toHaveLength(30);
        expect(new Set(walked)).toEqual(new Set(ids));
      }
    },
  );

  test('finds the dead letters that match among thousands that do not', async () => {
    await rig.seed('other', 5_000);
    const [rejected, crashed] = [await rig.kill('acme', 2), await rig.kill('acme', 1, 'crashed')];
    expect(idsOf(await walk({ connection: 'acme' }, 10))).toHaveLength(3);
    expect(idsOf(await walk({ connection: 'acme', reason: 'rejected' }, 1)).sort()).toEqual(
      rejected.toSorted(),
    );
    expect(idsOf(await walk({ reason: 'crashed' }, 10))).toEqual(crashed);
    expect(await walk({ connection: 'nobody' }, 10)).toEqual([]);
  });

  test('continues from a cursor whose dead letter is gone', async () => {
    const ids = await rig.kill('acme', 4);
    const { next } = await deadLetters.find({}, { order: 'oldest', limit: 2 });
    await rig.queue.getBackend().replay(ids[1] ?? '', '');
    const page = await deadLetters.find({}, { order: 'oldest', limit: 2, cursor: next });
    expect(idsOf(page.letters)).toEqual(ids.slice(2));
  });

  test.each(['newest', 'oldest'] as const)(
    'continues among those that died at the same time after some are gone, %s first',
    async (order) => {
      const ids = await rig.kill('acme', 40);
      await rig.redis.zadd(FAILED, ...ids.flatMap((id) => [DIED_AT, id]));
      const first = await deadLetters.find({}, { order, limit: 13 });
      const gone = [
        ...idsOf(first.letters).slice(-3),
        ids.find((id) => !idsOf(first.letters).includes(id)) ?? '',
      ];
      for (const id of gone) await rig.queue.getBackend().replay(id, '');
      const rest = await deadLetters.find({}, { order, limit: 40, cursor: first.next });
      const expected = ids.filter((id) => !idsOf(first.letters).includes(id) && !gone.includes(id));
      expect(new Set(idsOf(rest.letters))).toEqual(new Set(expected));
      expect(rest.letters).toHaveLength(expected.length);
    },
  );

  test('reports a failure in BullMQ’s own words as crashed', async () => {
    await rig.enqueue('acme', 1);
    await (await rig.take()).moveToFailed(
      new UnrecoverableError('job stalled more than allowable limit'),
      'lock',
      false,
    );
    expect(await walk({ reason: 'crashed' }, 10)).toMatchObject([{ connection: 'acme', reason: 'crashed' }]);
  });

  test('rejects an invalid cursor', async () => {
    const asking = deadLetters.find({}, { order: 'newest', limit: 1, cursor: '7-x' });
    await expect(asking).rejects.toThrow('Invalid cursor "7-x"');
  });
});

describe('groups', () => {
  const inShort = async () =>
    (await deadLetters.groups()).map(({ count, example: { death } }) => [
      count,
      death.origin?.connection,
      death.reason,
    ]);

  test('are sorted by size and have the first death and an example', async () => {
    await rig.kill('acme', 1, 'crashed');
    const ids = await rig.kill('acme', 3);
    await rig.kill('other', 2);
    expect(await inShort()).toEqual([
      [3, 'acme', 'rejected'],
      [2, 'other', 'rejected'],
      [1, 'acme', 'crashed'],
    ]);
    const [largest] = await deadLetters.groups();
    expect(ids).toContain(largest?.example.id);
    expect(largest?.last).toBeGreaterThanOrEqual(largest?.first ?? Number.POSITIVE_INFINITY);
  });

  test('contain exactly the dead letters of their cause until those are requeued', async () => {
    await rig.kill('acme', 3);
    const crashed = await rig.kill('acme', 2, 'crashed');
    const group = (await deadLetters.groups())[1]?.group ?? '';
    expect(idsOf(await walk({ group }, 1)).sort()).toEqual(crashed.toSorted());
    for (const id of crashed) await rig.queue.getBackend().replay(id, '');
    expect(await inShort()).toEqual([[3, 'acme', 'rejected']]);
    expect(await walk({ group }, 1)).toEqual([]);
  });

  test('lose erased dead letters and end with the last one', async () => {
    const [id = ''] = await rig.kill('acme', 1);
    expect(await rig.queue.getBackend().removeAs(id, 'erased')).toBe('dead');
    expect(await deadLetters.groups()).toEqual([]);
    expect(await rig.redis.keys(`${PREFIX}:dead*`)).toEqual([]);
  });

  test('include deliveries that died before there were groups', async () => {
    await rig.seed('acme', 2_500);
    await rig.redis.del(`${PREFIX}:dead-groups`);
    expect(await inShort()).toEqual([[2_501, 'acme', 'rejected']]);
  });

  test('have one group for failures without a cause', async () => {
    await rig.enqueue('acme', 2);
    for (let index = 0; index < 2; index++) {
      await (await rig.take()).moveToFailed(new UnrecoverableError(`BullMQ says no ${index}`), 'lock', false);
    }
    expect(await deadLetters.groups()).toMatchObject([{ group: 'other', count: 2 }]);
  });
});
