import type { Delivery, PrepareResult } from '@sluice/events';
import { makeDelivery, seedDeadLetters, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { createDeliveries, type Deliveries } from '../inspect/deliveries.ts';
import { createLedgerReader, type LedgerReader } from '../ledger/reader.ts';
import { DeadRig, DIED_AT, PREFIX } from '../test-support/dead-letter-rig.ts';
import type { Change } from './apply-change.ts';
import { createDeadLetters, type DeadLetters } from './dead-letters.ts';
import { editDeadLetter } from './edit.ts';
import type { ExportedDeadLetter, ExportOptions } from './export.ts';
import type { DeadLetterFilter } from './filter.ts';

const BY = { who: 'ops', reason: 'tidy' };

let rig: DeadRig;
let deadLetters: DeadLetters;
let deliveries: Deliveries;
let ledger: LedgerReader;

beforeAll(async () => {
  rig = await DeadRig.open({ startRedis, makeDelivery, seedDeadLetters });
  deadLetters = createDeadLetters(rig.shards);
  deliveries = createDeliveries(rig.shards);
  ledger = createLedgerReader(rig.shards);
});

beforeEach(() => rig.redis.flushall());

afterAll(async () => {
  await rig.close();
});

async function idsAmong(among: 'dead' | 'discarded', filter: DeadLetterFilter = {}): Promise<string[]> {
  const { letters } = await deadLetters.find(filter, { order: 'oldest', limit: 1_000, among });
  return letters.map(({ id }) => id);
}

/** Returns the counters, which must match what is stored. */
async function balance() {
  const { total, holds } = await ledger.readLedger();
  expect(holds).toBe(true);
  const stored = [...(await ledger.countStored()).values()].reduce((sum, { dead }) => sum + dead, 0);
  expect(stored).toBe(total.dead);
  const { accepted, dead, discarded, expired, pending } = total;
  return { accepted, dead, discarded, expired, pending };
}

async function auditLines(): Promise<Record<string, string>[]> {
  const lines = await rig.redis.xrange(`${PREFIX}:audit`, '-', '+');
  return lines.map(([, fields]) =>
    Object.fromEntries(
      fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? '']] : [])),
    ),
  );
}

const groupCounts = async () => (await deadLetters.groups()).map(({ count }) => count);

describe('discard', () => {
  test('removes the dead letters that match, in steps, and records the operator', async () => {
    await rig.seed('acme', 1_200);
    const [other] = await rig.kill('other', 1);
    const progress: number[] = [];
    expect(await deadLetters.discard({ connection: 'acme' }, BY, (count) => progress.push(count))).toBe(
      1_201,
    );
    expect(progress).toEqual([500, 1_000, 1_201]);
    expect(await idsAmong('dead')).toEqual([other]);
    expect(await groupCounts()).toEqual([1]);
    expect(await balance()).toMatchObject({ accepted: 1_202, dead: 1, discarded: 1_201, pending: 0 });
    expect((await auditLines()).map(({ action, who, count }) => [action, who, count])).toEqual([
      ['discard', 'ops', '500'],
      ['discard', 'ops', '500'],
      ['discard', 'ops', '201'],
    ]);
  });

  test('leaves deliveries that die after the request', async () => {
    const [id = ''] = await rig.kill('acme', 1);
    await rig.redis.zadd(`${PREFIX}:deliveries:failed`, Date.now() + 60_000, id);
    expect(await deadLetters.discard({}, BY)).toBe(0);
  });

  test('can be undone: the dead letters are unchanged', async () => {
    const ids = await rig.kill('acme', 3, 'crashed');
    const before = await deadLetters.find({}, { order: 'oldest', limit: 10 });
    const groups = await deadLetters.groups();
    await deadLetters.discard({ id: ids.slice(0, 2) }, BY);
    // Discarded at the same time, so in the order of their ids.
    expect(await idsAmong('discarded')).toEqual(ids.slice(0, 2).toSorted());
    expect(await deliveries.read(ids[0] ?? '')).toMatchObject({
      where: { state: 'discarded', death: { reason: 'crashed' }, by: { who: 'ops', reason: 'tidy' } },
    });
    expect(await deadLetters.restore({}, BY)).toBe(2);
    const [one] = await deadLetters.groups();
    expect([one?.group, one?.count]).toEqual([groups[0]?.group, 3]);
    const after = await deadLetters.find({}, { order: 'oldest', limit: 10 });
    expect(new Set(after.letters.map(({ id, reason }) => `${id} ${reason}`))).toEqual(
      new Set(before.letters.map(({ id, reason }) => `${id} ${reason}`)),
    );
    expect(await idsAmong('discarded')).toEqual([]);
    expect((await deliveries.read(ids[0] ?? ''))?.where.state).toBe('dead');
    expect(await balance()).toMatchObject({ dead: 3, discarded: 0 });
  });

  test('can be undone by group', async () => {
    await rig.kill('acme', 2);
    await rig.kill('other', 3);
    const [group] = (await deadLetters.groups()).map((one) => one.group);
    await deadLetters.discard({}, BY);
    expect(await deadLetters.restore({ group: group ?? '' }, BY)).toBe(3);
    expect(await balance()).toMatchObject({ dead: 3, discarded: 2 });
  });

  test('excludes them from replays, and a resend is still a duplicate', async () => {
    const [id = ''] = await rig.kill('acme', 1);
    await deadLetters.discard({}, BY);
    expect(await rig.queue.getBackend().replay(id, '')).toBe(false);
    const reading = (await deliveries.read(id))?.reading;
    if (!reading?.ok) throw new Error('unreadable');
    const resent = { ...reading.delivery, id: 'dlv_resent' as const };
    expect(await enqueueGroup(rig.queue, [{ delivery: resent, deduplicationWindow: 60_000 }])).toEqual([
      { id, duplicate: true },
    ]);
  });

  test('does not prevent an erasure', async () => {
    const [id = ''] = await rig.kill('acme', 1);
    await deadLetters.discard({}, BY);
    expect(await rig.queue.getBackend().removeAs(id, 'erased')).toBe('discarded');
    expect(await idsAmong('discarded')).toEqual([]);
    expect(await deadLetters.restore({ id: [id] }, BY)).toBe(0);
    expect(await balance()).toMatchObject({ dead: 0, discarded: 1 });
  });
});

/** Prepares like a mapper that requires an order's `id`. */
const prepare = ({ body }: Delivery): PrepareResult => {
  const { id } = JSON.parse(body) as { id?: unknown };
  return typeof id === 'number'
    ? { kind: 'ready', event: { type: 'newOrderCreated', payload: { id } } }
    : { kind: 'dead', reason: 'invalid_input', message: 'no', issues: [{ path: 'id', message: 'number' }] };
};

describe('edit', () => {
  const killed = async (body: string) => (await rig.kill('acme', 1, 'rejected', body))[0] ?? '';
  const edit = (id: string, change: Change, dryRun = false) =>
    editDeadLetter(rig.place(), id, { ...BY, change, prepare, dryRun });
  const bodyOf = async (id: string) => {
    const reading = (await deliveries.read(id))?.reading;
    return reading?.ok ? reading.delivery.body : undefined;
  };

  test('changes the body and keeps the original and a note of each edit', async () => {
    const id = await killed('{"id":"x","note":"n"}');
    const patch = [{ op: 'replace', path: '/id', value: 7 }] as const;
    expect(await edit(id, { patch: [...patch] })).toMatchObject({ ok: true });
    expect(await edit(id, { body: '{ "id": 8 }' })).toMatchObject({ ok: true });
    const record = await deliveries.read(id);
    expect(record).toMatchObject({
      reading: { ok: true, delivery: { body: '{ "id": 8 }' } },
      original: { ok: true, delivery: { body: '{"id":"x","note":"n"}' } },
      where: { state: 'dead' },
      edits: [
        { who: 'ops', reason: 'tidy', change: patch },
        { who: 'ops', reason: 'tidy', change: 'body' },
      ],
    });
    expect(await auditLines()).toMatchObject([
      { action: 'edit', who: 'ops', delivery: id },
      { action: 'edit', who: 'ops', delivery: id },
    ]);
  });

  test('rejects the edit of a forward, whose receiver verifies the original bytes', async () => {
    const id = await killed('{"id":1}');
    const request = { ...BY, change: { body: '{"id":2}' }, prepare: () => ({ kind: 'forward' }) as const };
    expect(await editDeadLetter(rig.place(), id, request)).toMatchObject({
      ...{ ok: false, why: expect.stringContaining('A forward cannot be edited') },
    });
    expect(await bodyOf(id)).toBe('{"id":1}');
  });

  test.each([
    ['would fail again', { patch: [{ op: 'remove', path: '/id' }] }, 'would fail again (invalid_input): no'],
    [
      'has an unknown path',
      { patch: [{ op: 'replace', path: '/customer/id', value: 1 }] },
      'Operation 1 of the patch failed (replace /customer/id): the path does not exist.',
    ],
    [
      'tests for another value',
      { patch: [{ op: 'test', path: '/id', value: 8 }] },
      'Operation 1 of the patch failed (test /id): the value is different.',
    ],
    ['is not JSON', { body: '{' }, 'The new body is not JSON.'],
  ] as const)('rejects an edit that %s, and changes nothing', async (_, change, why) => {
    const id = await killed('{"id":7}');
    expect(await edit(id, change as unknown as Change)).toMatchObject({
      ok: false,
      why: expect.stringContaining(why),
    });
    expect(await bodyOf(id)).toBe('{"id":7}');
    expect((await deliveries.read(id))?.original).toBeUndefined();
  });

  test.each(['{"id":9007199254740993}', '{"id":7,"x":1e999}', '{"id":7,"x":0.12345678901234567}'])(
    'does not round a number of the body: %s',
    async (body) => {
      const id = await killed(body);
      expect(await edit(id, { patch: [{ op: 'add', path: '/note', value: 'n' }] })).toMatchObject({
        ok: false,
        why: expect.stringContaining('Pass a new body instead.'),
      });
    },
  );

  test('is rejected if the dead letter was requeued meanwhile', async () => {
    const id = await killed('{"id":7}');
    await rig.queue.getBackend().replay(id, '');
    expect(await edit(id, { body: '{"id":8}' })).toMatchObject({
      ok: false,
      why: expect.stringContaining('not dead'),
    });
    expect(await edit('dlv_none', { body: '{"id":8}' })).toMatchObject({ ok: false });
  });

  test('rejects the second of two concurrent edits', async () => {
    const id = await killed('{"id":7}');
    const results = await Promise.all([8, 9].map((value) => edit(id, { body: `{"id":${value}}` })));
    expect(results.filter(({ ok }) => !ok)).toMatchObject([
      { why: expect.stringContaining('edited meanwhile') },
    ]);
  });

  test('changes nothing in a dry run', async () => {
    const id = await killed('{"id":"x"}');
    expect(await edit(id, { body: '{"id":8}' }, true)).toMatchObject({ ok: true });
    expect(await bodyOf(id)).toBe('{"id":"x"}');
  });

  test('is found by its new and its original values after several edits', async () => {
    const id = await killed('{"id":"x","note":"first"}');
    for (const note of ['second', 'third']) await edit(id, { body: `{"id":8,"note":"${note}"}` });
    const found = (value: string) => idsAmong('dead', { having: [{ name: 'note', value }] });
    expect(await found('third')).toEqual([id]);
    expect(await found('first')).toEqual([id]);
    expect(await found('second')).toEqual([]);
  });

  test('is what a worker receives after a replay', async () => {
    const id = await killed('{"id":"x"}');
    await edit(id, { body: '{"id":8}' });
    await rig.queue.getBackend().replay(id, '');
    expect((await rig.take()).data.body).toBe('{"id":8}');
  });
});

test('an edit of many dead letters leaves those that would fail again', async () => {
  const ids = [
    ...(await rig.kill('acme', 120, 'rejected', '{"id":7}')),
    ...(await rig.kill('acme', 1, 'rejected', '{"x":7}')),
  ];
  const patch = [{ op: 'add' as const, path: '/note', value: 'n' }];
  const summary = await deadLetters.edit({ connection: 'acme' }, { ...BY, change: { patch }, prepare });
  expect(summary).toEqual({
    edited: ids.slice(0, 120),
    refused: 1,
    refusals: [
      {
        ...{ id: ids[120], why: 'The edited delivery would fail again (invalid_input): no' },
        issues: [{ path: 'id', message: 'number' }],
      },
    ],
  });
});

describe('export and import', () => {
  const exported = async (bodies: ExportOptions['bodies']) => {
    const letters: ExportedDeadLetter[] = [];
    for await (const letter of deadLetters.export({}, { by: BY, bodies })) letters.push(letter);
    return letters;
  };
  const imported = (...lines: readonly string[]) => deadLetters.import(lines, BY);

  test('reproduce the dead letters in another Redis', async () => {
    const ids = await rig.kill('acme', 150);
    await deadLetters.edit({ id: ids.slice(0, 1) }, { ...BY, change: { body: '{"id":8}' }, prepare });
    const letters = await exported('exact');
    expect(letters.map(({ id }) => id)).toEqual(ids);
    const before = await deadLetters.find({}, { order: 'oldest', limit: 200 });
    const record = await deliveries.read(ids[0] ?? '');
    await rig.redis.flushall();
    expect(await imported(...letters.map((letter) => JSON.stringify(letter)))).toMatchObject({
      imported: 150,
    });
    expect(await deadLetters.find({}, { order: 'oldest', limit: 200 })).toEqual(before);
    const { reading, original, where } = (await deliveries.read(ids[0] ?? '')) ?? {};
    expect({ reading, original }).toEqual({ reading: record?.reading, original: record?.original });
    expect(where).toMatchObject({ state: 'dead', at: DIED_AT });
    expect(await balance()).toMatchObject({ accepted: 150, dead: 150 });
    expect(await groupCounts()).toEqual([150]);
    // Imported dead letters can be replayed.
    expect(await rig.queue.getBackend().replay(ids[1] ?? '', '')).toBe(true);
    expect((await rig.take()).opts).toMatchObject({ attempts: 1_000_000, backoff: { type: 'settled' } });
  });

  test('change nothing if the import is repeated', async () => {
    await rig.kill('acme', 1);
    const [letter] = await exported('exact');
    const copy = { ...letter, id: 'dlv_other' };
    expect(await imported(JSON.stringify(letter), JSON.stringify(copy))).toMatchObject({
      ...{ imported: 0, there: 1, duplicate: 1, refused: 0 },
    });
    expect((await auditLines()).map(({ action, count }) => [action, count])).toEqual([
      ['export', undefined],
      ['import', undefined],
      ['imported', '0'],
    ]);
    expect(await balance()).toMatchObject({ accepted: 1, dead: 1 });
  });

  test('contain bodies only on request, and masked unless exact ones are requested', async () => {
    await rig.kill('acme', 1, 'rejected', '{"email":"jo@example.com"}');
    const [bare] = await exported('none');
    expect(bare).not.toHaveProperty('body');
    expect(bare).not.toHaveProperty('headers');
    const [redacted] = await exported('masked');
    expect(redacted).toMatchObject({ redacted: true });
    expect(redacted?.body).toContain('email');
    expect(redacted?.body).not.toContain('jo@example.com');
    expect(await imported(JSON.stringify(bare), JSON.stringify(redacted))).toMatchObject({
      refused: 2,
      refusals: [
        { line: 1, why: expect.stringContaining('no body') },
        { line: 2, why: expect.stringContaining('redacted') },
      ],
    });
    expect((await auditLines()).map(({ action }) => action)).toEqual(['import', 'imported']);
  });

  test('reject invalid lines and import the others', async () => {
    await rig.kill('acme', 1);
    const [letter] = await exported('exact');
    await rig.redis.flushall();
    expect(await imported('{', '{"v":2}', JSON.stringify(letter), '[]')).toMatchObject({
      imported: 1,
      refused: 3,
      refusals: [
        { line: 1, why: 'The line is not JSON.' },
        { line: 2, why: expect.stringContaining('v: ') },
        { line: 4, why: expect.stringContaining('line: ') },
      ],
    });
  });
});
