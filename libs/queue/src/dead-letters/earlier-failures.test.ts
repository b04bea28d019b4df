import { makeDelivery, seedDeadLetters, startRedis } from '@sluice/testing';
import { type Job, UnrecoverableError } from 'bullmq';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { attachFailure } from '../bullmq/backend.ts';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { createDeliveries } from '../inspect/deliveries.ts';
import { deadGroupKey, OWN_KEYS } from '../keys.ts';
import { addBloomFilter } from '../records/bloom-filter.ts';
import { failureSourceOf, OTHER_GROUP, readFailure, writeFailure } from '../records/failure.ts';
import { createReplays } from '../replays/replays.ts';
import { DeadRig, DIED_AT, PREFIX } from '../test-support/dead-letter-rig.ts';
import { failJob, failJobAsEarlier } from '../test-support/fail-job.ts';
import { createDeadLetters } from './dead-letters.ts';
import type { ExportedDeadLetter } from './export.ts';

/** Dead letters whose failure an earlier version wrote as BullMQ's failed reason, next to those of this version. */
const BY = { who: 'ops', reason: 'test' };
const DETAIL = { message: 'No such Event', status: 400, type: 'InvalidPayload' };
const JOBS = `${PREFIX}:deliveries:`;
const GROUPS = `${PREFIX}:${OWN_KEYS.deadGroups}`;

let rig: DeadRig;

beforeAll(async () => {
  rig = await DeadRig.open({ startRedis, makeDelivery, seedDeadLetters });
});

beforeEach(() => rig.redis.flushall());

afterAll(async () => {
  await rig.close();
});

/** Lets a delivery die as in this or in an earlier version. Returns its id. */
async function kill(fail: typeof failJob): Promise<string> {
  const delivery = makeDelivery({ body: '{"id":7}' });
  await enqueueGroup(rig.queue, [{ delivery, deduplicationWindow: 60_000 }]);
  const job = await rig.take();
  const { message, failure } = writeFailure('rejected', DETAIL, failureSourceOf(job, 'newOrderCreated'));
  await fail(job, { message, failure: addBloomFilter(failure, delivery) });
  return delivery.id;
}

const killBoth = async () => [await kill(failJobAsEarlier), await kill(failJob)] as const;

const find = async (filter: Parameters<ReturnType<typeof createDeadLetters>['find']>[0]) => {
  const { letters } = await createDeadLetters(rig.shards).find(filter, { order: 'oldest', limit: 9 });
  return letters.map(({ id }) => id).toSorted();
};

test('this version stores the message as plain text and the failure in a field of the job', async () => {
  const id = await kill(failJob);
  const [failedReason, failure] = await rig.redis.hmget(`${JOBS}${id}`, 'failedReason', 'sl:failure');
  expect(failedReason).toBe('No such Event');
  expect(failure).toMatch(/^\{"reason":"rejected","group":"[0-9a-f]{16}","origin":\{/);
  expect(failure).not.toContain('No such Event');
});

test('a message that looks like a failure of an earlier version is read as a message', () => {
  const { message, failure } = writeFailure('rejected', {
    message: '{"reason":"crashed","detail":{"message":"forged"}}',
  });
  expect(readFailure(failure, message)).toMatchObject({
    reason: 'rejected',
    detail: { message: expect.stringContaining('{"reason":"crashed"') },
  });
});

test('dead letters of both versions are read, grouped and searched as the same', async () => {
  const ids = (await killBoth()).toSorted();
  const deadLetters = createDeadLetters(rig.shards);
  const { letters } = await deadLetters.find({}, { order: 'oldest', limit: 9 });
  const [earlier, current] = letters.map(({ reason, detail, origin, group }) => ({
    ...{ reason, detail, origin, group },
  }));
  expect(earlier).toEqual(current);
  expect(await deadLetters.groups()).toMatchObject([
    { count: 2, example: { death: { reason: 'rejected' } } },
  ]);
  const group = letters[0]?.group ?? '';
  for (const filter of [
    { group },
    { reason: 'rejected' as const, connection: 'acme-orders', event: 'newOrderCreated' },
    { type: 'InvalidPayload', status: 400 },
    { text: 'no SUCH' },
    { having: [{ name: 'id', value: '7' }] },
  ]) {
    expect(await find(filter)).toEqual(ids);
    expect((await createReplays(rig.shards).plan(filter)).count).toBe(2);
  }
  expect(await find({ text: 'InvalidPayload' })).toEqual([]);
  const records = await Promise.all(ids.map((id) => createDeliveries(rig.shards).read(id)));
  expect(records.map((record) => record?.where)).toMatchObject([
    { state: 'dead', death: { detail: DETAIL } },
    { state: 'dead', death: { detail: DETAIL } },
  ]);
});

test('dead letters of both versions are edited, discarded, restored, exported, imported and replayed', async () => {
  const ids = (await killBoth()).toSorted();
  const deadLetters = createDeadLetters(rig.shards);
  const prepare = () => ({ kind: 'ready', event: { type: 'x', payload: {} } }) as never;
  const edited = await deadLetters.edit({}, { ...BY, change: { body: '{"id":8}' }, prepare });
  expect(edited.edited).toHaveLength(2);
  expect(await find({ having: [{ name: 'id', value: '8' }] })).toEqual(ids);
  expect(await deadLetters.discard({}, BY)).toBe(2);
  expect(await deadLetters.groups()).toEqual([]);
  expect(await deadLetters.restore({ reason: 'rejected' }, BY)).toBe(2);
  expect(await deadLetters.groups()).toMatchObject([{ count: 2 }]);
  const lines: ExportedDeadLetter[] = [];
  for await (const line of deadLetters.export({}, { by: BY, bodies: 'exact' })) lines.push(line);
  for (const id of ids) expect(await rig.queue.getBackend().replay(id, '')).toBe(true);
  expect(await deadLetters.groups()).toEqual([]);
  expect(await rig.redis.hexists(`${JOBS}${ids[0]}`, 'sl:failure')).toBe(0);
  await rig.redis.flushall();
  const imported = await deadLetters.import(
    lines.map((line) => JSON.stringify(line)),
    BY,
  );
  expect(imported).toMatchObject({ imported: 2 });
  expect(await find({ type: 'InvalidPayload', text: 'No such Event' })).toEqual(ids);
  expect(await deadLetters.groups()).toMatchObject([{ count: 2 }]);
});

/** Replays a dead letter as an earlier version does: its group and the field of its failure are left. */
async function replayAsEarlier(id: string): Promise<Job> {
  const failure = (await rig.redis.hget(`${JOBS}${id}`, 'sl:failure')) ?? '';
  const { group = '' } = readFailure(failure, '');
  await rig.queue.getBackend().replay(id, '');
  await rig.redis
    .multi()
    .hset(`${JOBS}${id}`, 'sl:failure', failure)
    .zadd(deadGroupKey(`${PREFIX}:`, group), DIED_AT, id)
    .sadd(GROUPS, group)
    .exec();
  return rig.take();
}

const groupsOfDead = () => createDeadLetters(rig.shards).groups();

test('a delivery that fails again in an earlier version has the failure of that version', async () => {
  const id = await kill(failJob);
  const job = await replayAsEarlier(id);
  attachFailure(job, (await rig.redis.hget(`${JOBS}${id}`, 'sl:failure')) ?? '');
  await failJobAsEarlier(job, writeFailure('too_large', { message: 'too large' }, failureSourceOf(job)));
  expect(await find({ reason: 'too_large' })).toEqual([id]);
  expect(await find({ reason: 'rejected' })).toEqual([]);
  expect(await groupsOfDead()).toMatchObject([{ count: 1, example: { death: { reason: 'too_large' } } }]);
});

test('a delivery that an earlier version replayed and that BullMQ fails is read as crashed', async () => {
  const id = await kill(failJob);
  const job = await replayAsEarlier(id);
  await job.moveToFailed(new UnrecoverableError('job stalled more than allowable limit'), 'lock', false);
  const [letter] = (await createDeadLetters(rig.shards).find({}, { order: 'oldest', limit: 9 })).letters;
  expect(letter).toMatchObject({ id, reason: 'crashed', connection: 'acme-orders' });
  expect(letter?.detail).toEqual({ message: 'job stalled more than allowable limit' });
  expect(await find({ group: OTHER_GROUP })).toEqual([id]);
  expect(await groupsOfDead()).toMatchObject([{ group: OTHER_GROUP, count: 1 }]);
});

test('reading the groups removes entries of dead letters that an earlier version moved', async () => {
  const [first, other] = [await kill(failJob), await kill(failJob)];
  const [before] = await groupsOfDead();
  const job = await replayAsEarlier(first);
  const group = deadGroupKey(`${PREFIX}:`, before?.group ?? '');
  expect(await rig.redis.zcard(group)).toBe(2);
  expect(await groupsOfDead()).toMatchObject([{ group: before?.group, count: 1, example: { id: other } }]);
  expect(await rig.redis.zrange(group, '0', '-1')).toEqual([other]);

  await failJob(job, writeFailure('too_large', { message: 'too large' }, failureSourceOf(job)));
  await rig.redis.zadd(group, DIED_AT, first);
  expect((await groupsOfDead()).map(({ count }) => count)).toEqual([1, 1]);
  expect(await rig.redis.zrange(group, '0', '-1')).toEqual([other]);

  expect(await createDeadLetters(rig.shards).discard({}, BY)).toBe(2);
  await rig.redis
    .multi()
    .zadd(group, DIED_AT, other)
    .sadd(GROUPS, before?.group ?? '')
    .exec();
  expect(await groupsOfDead()).toEqual([]);
  expect(await rig.redis.exists(group, GROUPS)).toBe(0);
});
