import { makeDelivery, seedDeadLetters, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Consumer, ReservedJob } from '../consume/consumer.ts';
import { createLedgerReader, type LedgerReader } from '../ledger/reader.ts';
import type { DeliveryOutcome } from '../records/outcome.ts';
import { DeadRig, DIED_AT, PREFIX } from '../test-support/dead-letter-rig.ts';
import { startShardWorker } from '../worker.ts';
import type { ReplayRecord, ReplayRequest, ReplayState } from './record.ts';
import { createReplays, type Replays } from './replays.ts';
import { type ReplayStepResult, stepReplay } from './runner.ts';

const BY = { who: 'ops@desk', reason: 'fixed' };
const DELIVERED: DeliveryOutcome = { kind: 'delivered', eventId: 'evt_1', reconciled: false };
const DEAD: DeliveryOutcome = { kind: 'dead', reason: 'rejected', detail: { message: 'still no' } };

let rig: DeadRig;
let replays: Replays;
let ledger: LedgerReader;
const consumers: Consumer[] = [];

beforeAll(async () => {
  rig = await DeadRig.open({ startRedis, makeDelivery, seedDeadLetters });
  replays = createReplays(rig.shards);
  ledger = createLedgerReader(rig.shards);
});

beforeEach(() => rig.redis.flushall());

afterEach(async () => {
  await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
});

afterAll(async () => {
  await rig.close();
});

/** Starts a worker in which every delivery has that outcome. Returns the replays that it reported as ended. */
function work(process: (taken: ReservedJob) => DeliveryOutcome = () => DELIVERED): ReplayStepResult[] {
  const ended: ReplayStepResult[] = [];
  consumers.push(
    startShardWorker({
      redisUrl: rig.url,
      prefix: PREFIX,
      concurrency: 50,
      lockDuration: 5_000,
      stalledInterval: 5_000,
      keepDelivered: 10,
      onError: () => {},
      onReplayEnded: (one) => ended.push(one),
      process: async (taken) => process(taken),
    }),
  );
  return ended;
}

const run = (request: Partial<ReplayRequest> = {}) =>
  replays.run({ filter: {}, until: DIED_AT + 10_000, ...request }, BY);

/** Waits until a replay has reached that state. */
async function became(id: string, state: ReplayState): Promise<ReplayRecord | undefined> {
  await vi.waitFor(async () => expect((await replays.get(id))?.state).toBe(state), { timeout: 15_000 });
  return replays.get(id);
}

const totals = async () => (await ledger.readLedger()).total;

describe('a replay', () => {
  test('replays all dead letters that match and reports the results', async () => {
    await rig.kill('acme', 40);
    await rig.kill('other', 5);
    const ended = work();
    const id = await run({ filter: { connection: 'acme' } });
    expect(await became(id, 'done')).toMatchObject({
      planned: 40,
      replayed: 40,
      delivered: 40,
      died: 0,
      who: 'ops@desk',
      note: 'fixed',
      endedAt: expect.any(Number),
    });
    expect(await ledger.readLedger()).toMatchObject({
      holds: true,
      total: { dead: 5, delivered: 40, replayed: 40 },
    });
    expect(ended).toMatchObject([{ became: 'done', replay: { id } }]);
  });

  test('leaves deliveries that died after the request', async () => {
    await rig.kill('acme', 5);
    work();
    const id = await run({ until: DIED_AT + 2 });
    expect(await became(id, 'done')).toMatchObject({ replayed: 3, delivered: 3 });
    expect(await totals()).toMatchObject({ dead: 2 });
  });

  test('pauses itself after ten requeued deliveries failed again', async () => {
    await rig.kill('acme', 50);
    const ended = work(() => DEAD);
    const id = await run();
    expect(await became(id, 'paused')).toMatchObject({
      replayed: 10,
      died: 10,
      why: '10 of 10 failed again',
      pausedBy: 'failures',
    });
    expect(await totals()).toMatchObject({ dead: 50, pending: 0 });
    expect(ended).toMatchObject([{ became: 'paused', why: '10 of 10 failed again' }]);
  });

  test('continues when it is resumed, without those that failed again', async () => {
    await rig.kill('acme', 50);
    let outcome: DeliveryOutcome = DEAD;
    work(() => outcome);
    const id = await run();
    await became(id, 'paused');
    outcome = DELIVERED;
    expect(await replays.resume(id, BY)).toEqual({ was: 'paused', changed: true });
    expect(await became(id, 'done')).toMatchObject({ replayed: 50, died: 10, delivered: 40 });
  });

  test('is a filter for deliveries that failed again, until another replay requeues them', async () => {
    await rig.kill('acme', 10);
    await rig.kill('other', 5);
    let outcome: DeliveryOutcome = DEAD;
    work(() => outcome);
    const id = await run({ filter: { connection: 'acme' } });
    await became(id, 'paused');
    expect(await replays.plan({ replay: id })).toMatchObject({ count: 10 });
    outcome = DELIVERED;
    const next = await run({ filter: { replay: id }, until: Date.now() });
    expect(await became(next, 'done')).toMatchObject({ planned: 10, delivered: 10 });
    expect(await replays.plan({})).toMatchObject({ count: 5 });
  });

  test('keeps to its rate', async () => {
    await rig.kill('acme', 30);
    work();
    const id = await run({ perMinute: 600 });
    const start = performance.now();
    await became(id, 'done');
    // Ten per second: the first at once, the second after 100 ms.
    expect(performance.now() - start).toBeGreaterThan(2_500);
  });

  test('with a rate requeues in small steps, so that live deliveries are not delayed', async () => {
    await rig.kill('acme', 200);
    const times: number[] = [];
    work(() => {
      times.push(performance.now());
      return DELIVERED;
    });
    await became(await run({ perMinute: 6_000 }), 'done');
    // Two seconds take 40 steps; with steps of 250 ms they would take 8 and a few.
    const steps = times.filter((time, index) => index === 0 || time - (times[index - 1] ?? 0) > 15).length;
    expect(steps).toBeGreaterThan(16);
  });

  test('requeues nothing more when it is paused or cancelled', async () => {
    await rig.kill('acme', 30);
    const [paused, cancelled] = [await run(), await run()];
    expect(await replays.pause(paused, BY)).toEqual({ was: 'running', changed: true });
    expect(await replays.cancel(cancelled, BY)).toEqual({ was: 'running', changed: true });
    const backend = rig.queue.getBackend();
    const [id = ''] = await rig.kill('acme', 1);
    expect([await backend.replay(id, paused), await backend.replay(id, cancelled)]).toEqual([false, false]);
    expect(await replays.get(paused)).toMatchObject({
      state: 'paused',
      why: 'by ops@desk: fixed',
      pausedBy: 'operator',
      replayed: 0,
    });
    expect(await replays.resume(cancelled, BY)).toEqual({ was: 'cancelled', changed: false });
    expect(await replays.pause('rpl_none', BY)).toBeUndefined();
  });

  test('that is paused during a step requeues the rest when it is resumed', async () => {
    await rig.kill('acme', 10);
    const id = await run();
    const place = rig.place();
    const pausing = {
      replay: async (delivery: string, replay: string) => {
        await replays.pause(replay, BY);
        return place.backend.replay(delivery, replay);
      },
    };
    await stepReplay({ ...place, backend: pausing }, id);
    expect(await replays.get(id)).toMatchObject({ state: 'paused', replayed: 0 });
    await replays.resume(id, BY);
    await stepReplay(place, id);
    expect(await replays.get(id)).toMatchObject({ replayed: 10 });
  });

  test('is taken over by another process when its own dies', async () => {
    await rig.kill('acme', 20);
    const id = await run();
    // A process has the lease and does nothing.
    await rig.redis.set(`${PREFIX}:replay:${id}:lease`, 'dead', 'PX', 700);
    work();
    expect(await became(id, 'done')).toMatchObject({ delivered: 20 });
  });

  test('requeues each dead letter once with several workers', async () => {
    await rig.seed('acme', 1_500);
    for (let worker = 0; worker < 3; worker++) work();
    const id = await run();
    expect(await became(id, 'done')).toMatchObject({
      planned: 1_501,
      replayed: 1_501,
      delivered: 1_501,
      died: 0,
    });
    expect(await totals()).toMatchObject({ dead: 0, delivered: 1_501, replayed: 1_501 });
  });

  test('counts outstanding deliveries that were erased', async () => {
    const [id = ''] = await rig.kill('acme', 1);
    const replay = await run();
    await rig.queue.getBackend().replay(id, replay);
    await rig.queue.getBackend().removeAs(id, 'erased');
    work();
    expect(await became(replay, 'done')).toMatchObject({ replayed: 1, delivered: 0, removed: 1 });
  });

  test('requeues behind live deliveries, with all attempts and without suspicion', async () => {
    const [id = ''] = await rig.kill('acme', 1, 'crashed');
    await rig.redis.hset(`${PREFIX}:deliveries:${id}`, 'stc', 9, 'sl:alone', 4);
    await rig.queue.getBackend().replay(id, await run());
    const [live] = await rig.enqueue('acme', 1);
    expect((await rig.take()).id).toBe(live);
    expect(await rig.take()).toMatchObject({ id, attemptsMade: 0, stalledCounter: 0 });
    expect(await rig.redis.hexists(`${PREFIX}:deliveries:${id}`, 'sl:alone')).toBe(0);
  });

  test('records operator, action, note and count in the audit log', async () => {
    await rig.kill('acme', 2);
    const id = await run({ filter: { connection: 'acme' } });
    await replays.cancel(id, { who: 'boss', reason: 'not now' });
    const lines = await rig.redis.xrange(`${PREFIX}:audit`, '-', '+');
    const fields = lines.map(([, flat]) =>
      Object.fromEntries(flat.flatMap((name, index) => (index % 2 ? [] : [[name, flat[index + 1]]]))),
    );
    expect(fields).toMatchObject([
      {
        ...{ action: 'replay', who: 'ops@desk', reason: 'fixed', replay: id },
        ...{ filter: '{"connection":"acme"}', planned: '2' },
      },
      { action: 'replay cancelled', who: 'boss', reason: 'not now', replay: id },
    ]);
  });
});

describe('replays', () => {
  test('are planned exactly by group for any filter', async () => {
    await rig.kill('acme', 3);
    await rig.kill('acme', 2, 'crashed');
    await rig.kill('other', 4);
    const inShort = async (filter: ReplayRequest['filter']) => {
      const { count, groups } = await replays.plan(filter);
      return [count, groups.map((group) => group.count)];
    };
    expect(await inShort({})).toEqual([9, [4, 3, 2]]);
    expect(await inShort({ connection: 'acme' })).toEqual([5, [3, 2]]);
    expect(await inShort({ connection: 'acme', reason: 'crashed' })).toEqual([2, [2]]);
    expect(await inShort({ connection: 'nobody' })).toEqual([0, []]);
    const [, , { group } = { group: '' }] = (await replays.plan({})).groups;
    expect(await inShort({ group })).toEqual([2, [2]]);
  });

  test('are listed newest first, and a thousand ended ones are kept', async () => {
    for (let index = 0; index < 1_003; index++) {
      await replays.cancel(await run(), BY);
    }
    const last = await run();
    const list = await replays.list(2_000);
    expect(list).toHaveLength(1_000);
    expect(list[0]?.id).toBe(last);
    expect(await rig.redis.keys(`${PREFIX}:replay:*`)).toHaveLength(1_000);
  });
});
