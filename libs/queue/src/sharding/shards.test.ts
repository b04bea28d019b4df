import { makeDelivery, type RunningCluster, startCluster } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type AuditLog, createAuditLog } from '../audit/audit-log.ts';
import type { ReservedJob } from '../consume/consumer.ts';
import type { ShardedConsumer } from '../consume/consumers.ts';
import { createDeadLetters, type DeadLetters } from '../dead-letters/dead-letters.ts';
import type { DeadLetter } from '../dead-letters/search.ts';
import { openProducers, type Producers } from '../enqueue/producer.ts';
import { createDeliveries, type Deliveries } from '../inspect/deliveries.ts';
import { createEraser, type Eraser } from '../inspect/erase.ts';
import { createQueueStats, type QueueStatsReader } from '../inspect/queue-stats.ts';
import { compareStored } from '../ledger/ledger.ts';
import { createLedgerReader, type LedgerReader } from '../ledger/reader.ts';
import type { DeliveryOutcome } from '../records/outcome.ts';
import { connectProducer } from '../redis/connect.ts';
import { createReplays, type Replays } from '../replays/replays.ts';
import type { ReplayStepResult } from '../replays/runner.ts';
import { createOperatorScheduler, type OperatorScheduler } from '../scheduler/operator.ts';
import { startWorker } from '../worker.ts';
import { openShards, type Shards } from './across-shards.ts';
import { shardOf, shardPrefix } from './placement.ts';
import { watchShardCount } from './shard-count.ts';

const PREFIX = '{sluice}';
const SHARDS = 4;
const BY = { who: 'ops@desk', reason: 'fixed' };
const DELIVERED: DeliveryOutcome = { kind: 'delivered', eventId: 'evt_1', reconciled: false };
const DEAD: DeliveryOutcome = { kind: 'dead', reason: 'rejected', detail: { message: 'no' } };
/** One bot per shard; the connection of a bot has its name. */
const BOTS = Array.from({ length: SHARDS }, (_, shard) => {
  const names = Array.from({ length: 100 }, (_, index) => `bot-${index}`);
  return names.find((bot) => shardOf(bot, SHARDS) === shard) as string;
});

let cluster: RunningCluster;
let shards: Shards;
let producers: Producers;
let deadLetters: DeadLetters;
let deliveries: Deliveries;
let replays: Replays;
let ledger: LedgerReader;
let audit: AuditLog;
let scheduler: OperatorScheduler;
let stats: QueueStatsReader;
let eraser: Eraser;
const consumers: ShardedConsumer[] = [];

beforeAll(async () => {
  cluster = await startCluster();
  shards = openShards({ url: cluster.url, name: 'test', prefix: PREFIX, wanted: SHARDS, onError: () => {} });
  deadLetters = createDeadLetters(shards);
  deliveries = createDeliveries(shards);
  replays = createReplays(shards);
  ledger = createLedgerReader(shards);
  audit = createAuditLog(shards);
  scheduler = createOperatorScheduler(shards);
  stats = createQueueStats(shards);
  eraser = createEraser(shards);
  producers = openProducers({
    ...{ redisUrl: cluster.url, prefix: PREFIX, shards: SHARDS, deadline: 5_000 },
    ...{ maxPending: 1_000, maxPendingBytes: 1e8, maxBacklog: 1e6, memoryWatermarkPercent: 90 },
    ...{ onShedding: () => {}, onError: () => {} },
  });
  await Promise.all([shards.reached, producers.reached]);
});

afterEach(async () => {
  await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
  await Promise.all(cluster.nodes.map(({ url }) => onNode(url, (node) => node.flushall())));
});

afterAll(async () => {
  await Promise.all([shards.close(), producers.close()]);
  await cluster.stop();
});

async function onNode<Result>(url: string, run: (node: Redis) => Promise<Result>): Promise<Result> {
  const node = new Redis(url);
  const result = await run(node);
  node.disconnect();
  return result;
}

/** Enqueues a number of deliveries for each bot. A connection has its bot's name unless it is given. Returns their ids. */
async function enqueue(each: number, bots: readonly string[] = BOTS, connection?: string): Promise<string[]> {
  const ids: string[] = [];
  for (const bot of bots) {
    const requests = Array.from({ length: each }, (_, index) => ({
      delivery: makeDelivery({
        connection: connection ?? bot,
        body: JSON.stringify({ id: `${bot}/${index}` }),
      }),
      deduplicationWindow: 60_000,
    }));
    const result = await producers.enqueuerFor(bot).enqueue(requests);
    if (!result.ok) throw new Error(result.why);
    ids.push(...result.enqueued.map(({ id }) => id));
  }
  return ids;
}

/** Starts a worker whose deliveries end with the given outcome. Returns the replays that it reports as ended. */
function work(
  outcomeOf: (reserved: ReservedJob) => DeliveryOutcome = () => DELIVERED,
  on: Shards = shards,
): ReplayStepResult[] {
  const ended: ReplayStepResult[] = [];
  consumers.push(
    startWorker({
      ...{ redisUrl: cluster.url, shards: on, concurrency: 8 },
      ...{ lockDuration: 5_000, stalledInterval: 5_000, keepDelivered: 1_000, onError: () => {} },
      onReplayEnded: (one) => ended.push(one),
      open: () => ({ process: async (reserved) => outcomeOf(reserved), close: async () => {} }),
    }),
  );
  return ended;
}

const until = async (counter: 'dead' | 'delivered', count: number) =>
  vi.waitFor(async () => expect((await ledger.readLedger()).total[counter]).toBe(count), { timeout: 20_000 });

/** Creates a number of dead letters for each bot. Returns their ids. */
async function kill(each: number, connection?: string): Promise<string[]> {
  const ids = await enqueue(each, BOTS, connection);
  work(() => DEAD);
  await until('dead', ids.length);
  await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
  return ids;
}

async function allPages(among: 'dead' | 'discarded', order: 'newest' | 'oldest'): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  let cursor: string | undefined;
  do {
    const page = await deadLetters.find({}, { among, order, limit: 7, cursor });
    expect(page.letters.length === 7 || page.next === undefined).toBe(true);
    letters.push(...page.letters);
    cursor = page.next;
  } while (cursor);
  return letters;
}

describe('four shards on a cluster of three nodes', () => {
  test('store deliveries in the shard of their bot and all keys of a shard in one slot, and the ledger balances', async () => {
    await enqueue(10);
    work();
    await until('delivered', 10 * SHARDS);
    const names = new Set<string>();
    for (const { url } of cluster.nodes) {
      for (const key of await onNode(url, (node) => node.keys('*')))
        names.add(/^\{.*?\}/.exec(key)?.[0] ?? key);
    }
    expect([...names].sort()).toEqual([0, 1, 2, 3].map((index) => shardPrefix(PREFIX, index)).sort());
    const read = await ledger.readLedger();
    expect(read).toMatchObject({ holds: true, total: { accepted: 40, delivered: 40, pending: 0 } });
    expect(read.rows.map(({ connection, delivered }) => [connection, delivered])).toEqual(
      [...BOTS].sort().map((bot) => [bot, 10]),
    );
  });

  test('recognize a resend as a duplicate', async () => {
    const delivery = makeDelivery();
    const enqueuer = producers.enqueuerFor(BOTS[2] as string);
    const send = () =>
      enqueuer.enqueue([{ delivery: { ...delivery, id: makeDelivery().id }, deduplicationWindow: 60_000 }]);
    expect(await send()).toMatchObject({ enqueued: [{ duplicate: false }] });
    expect(await send()).toMatchObject({ enqueued: [{ duplicate: true }] });
  });

  test.each(['newest', 'oldest'] as const)(
    'list each dead letter once, in one order, %s first',
    async (order) => {
      const ids = await kill(9);
      const letters = await allPages('dead', order);
      expect(letters.map(({ id }) => id).sort()).toEqual([...ids].sort());
      const times = letters.map(({ diedAt }) => diedAt);
      const sorted = [...times].sort((one, other) => (order === 'newest' ? other - one : one - other));
      expect(times).toEqual(sorted);
      const groups = await deadLetters.groups();
      expect(groups.map(({ count }) => count)).toEqual([9, 9, 9, 9]);
      expect(groups[0]?.last).toBe(Math.max(...times));
      expect(await stats.readDeadLetters()).toMatchObject({ groups });
    },
  );

  test('merge the dead letters of a connection whose bot changed, and that are in several shards, into one group', async () => {
    await kill(3, 'moved');
    expect(await deadLetters.groups()).toMatchObject([{ count: 12, example: { topic: 'orders/create' } }]);
    expect(await replays.plan({})).toMatchObject({ count: 12, groups: [{ count: 12 }] });
    const { rows, holds } = await ledger.readLedger();
    expect([holds, rows.map(({ connection, dead }) => [connection, dead])]).toEqual([true, [['moved', 12]]]);
  });

  test('export, discard, restore, erase and import dead letters in all shards', async () => {
    const ids = await kill(5);
    const lines: string[] = [];
    for await (const letter of deadLetters.export({}, { by: BY, bodies: 'exact' }))
      lines.push(JSON.stringify(letter));
    expect(lines).toHaveLength(20);
    const reports: number[] = [];
    expect(await deadLetters.discard({}, BY, (count) => reports.push(count))).toBe(20);
    expect(reports.at(-1)).toBe(20);
    expect((await allPages('discarded', 'newest')).map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(await deadLetters.restore({ connection: BOTS[1] as string }, BY)).toBe(5);
    const erased = await eraser.erase({
      concerns: ({ connection }) => connection !== BOTS[1],
      request: 'dlv_none',
    });
    expect(erased).toEqual({ pending: 0, delivered: 0, dead: 15, inFlight: 0 });
    expect(await deadLetters.import(lines, BY)).toMatchObject({ imported: 15, there: 5, refused: 0 });
    const { rows, holds } = await ledger.readLedger();
    expect(holds).toBe(true);
    // Imported ones are stored in the shard of their connection, so that its bot is paced in one place.
    expect(rows.map(({ connection, dead }) => [connection, dead])).toEqual(
      [...BOTS].sort().map((bot) => [bot, 5]),
    );
    const counts = { dead: 20, waiting: 0 };
    expect(await stats.readCounts()).toMatchObject(counts);
    expect(await stats.read()).toMatchObject({ deliveries: counts });
  });

  test('run one replay over all shards at one rate', async () => {
    await kill(20);
    const plan = await replays.plan({});
    expect(plan).toMatchObject({ count: 80, groups: [20, 20, 20, 20].map((count) => ({ count })) });
    const id = await replays.run({ filter: {}, until: Date.now(), perMinute: 6_000 }, BY);
    work();
    await vi.waitFor(async () => expect((await replays.get(id))?.state).toBe('done'), { timeout: 20_000 });
    expect(await replays.get(id)).toMatchObject({
      planned: 80,
      replayed: 80,
      delivered: 80,
      died: 0,
      perMinute: 6_000,
    });
    expect(await replays.list(10)).toMatchObject([{ id, state: 'done', planned: 80 }]);
    expect(await ledger.readLedger()).toMatchObject({
      holds: true,
      total: { delivered: 80, dead: 0, replayed: 80 },
    });
  });

  test('run a replay of one connection in its shard only', async () => {
    await kill(3);
    const id = await replays.run({ filter: { connection: BOTS[3] as string }, until: Date.now() }, BY);
    expect(await replays.get(id)).toMatchObject({ state: 'running', planned: 3 });
    expect(await replays.pause(id, BY)).toEqual({ was: 'running', changed: true });
    expect(await replays.get(id)).toMatchObject({ state: 'paused' });
    expect(await replays.cancel(id, BY)).toEqual({ was: 'paused', changed: true });
    expect(await replays.cancel('rpl_none', BY)).toBeUndefined();
  });

  test('pause a replay in all shards when it pauses itself in one', async () => {
    await kill(30);
    const id = await replays.run({ filter: {}, until: Date.now(), perMinute: 1_200 }, BY);
    work(({ reading }) => (reading.ok && reading.delivery.connection === BOTS[0] ? DEAD : DELIVERED));
    await vi.waitFor(
      async () => {
        const parts = await Promise.all(
          [0, 1, 2, 3].map((index) => replayIn(shardPrefix(PREFIX, index), id)),
        );
        expect(parts).toEqual(['paused', 'paused', 'paused', 'paused']);
      },
      { timeout: 20_000 },
    );
    expect((await replays.get(id))?.state).toBe('paused');
  });

  test('read the audit streams as one log, each entry once', async () => {
    await kill(2);
    await deadLetters.discard({}, BY);
    for (let index = 0; index < 5; index++) await audit.append({ action: `a${index}`, ...BY });
    const seen: { id: string; action: string }[] = [];
    let cursor: string | undefined;
    do {
      const page = await audit.read({ limit: 2, cursor });
      seen.push(...page.lines);
      cursor = page.next;
    } while (cursor);
    expect(seen.filter(({ action }) => action === 'discard')).toHaveLength(SHARDS);
    expect(seen.filter(({ action }) => /^a\d/.test(action)).map(({ action }) => action)).toEqual([
      ...['a4', 'a3', 'a2', 'a1', 'a0'],
    ]);
    expect(seen.map(({ id }) => Number(id.split('-')[0]))).toEqual(
      seen.map(({ id }) => Number(id.split('-')[0])).sort((one, other) => other - one),
    );
  });

  test('pause and resume a connection in the shard of its deliveries', async () => {
    await scheduler.pauseConnection(BOTS[1] as string, BY);
    expect(await scheduler.heldConnections()).toMatchObject([
      { connection: BOTS[1], by: 'operator', reason: 'fixed' },
    ]);
    expect(await scheduler.resumeConnection(BOTS[1] as string, BY)).toBe(true);
    expect(await scheduler.heldConnections()).toEqual([]);
  });

  test('find and read a delivery in any shard', async () => {
    const ids = await enqueue(2);
    for (const id of ids)
      expect(await deliveries.read(id)).toMatchObject({ id, where: { state: 'waiting' } });
    expect(await deliveries.read('dlv_none')).toBeUndefined();
    const found = await deliveries.find([{ name: 'id', value: `${BOTS[3]}/1` }], { limit: 5 });
    expect(found).toMatchObject([{ id: ids.at(-1), connection: BOTS[3] }]);
    const before = await ledger.readLedger();
    const stored = await ledger.countStored();
    expect(compareStored(before, before, stored)).toMatchObject({ compared: SHARDS, differences: [] });
  });

  test('process added shards as soon as they are known', async () => {
    let known = 1;
    await enqueue(3);
    work(undefined, { ...shards, all: () => shards.all().slice(0, known) });
    await until('delivered', 3);
    expect((await ledger.readLedger()).total.pending).toBe(9);
    known = SHARDS;
    consumers[0]?.grow();
    await until('delivered', 12);
  });

  test('are counted the same by all processes, and their number only grows', async () => {
    const options = { url: cluster.url, name: 'test', prefix: '{agreed}', onError: () => {} };
    const asking = openShards({ ...options, wanted: 8 });
    await asking.reached;
    const redis = connectProducer(options);
    const first = watchShardCount({ ...options, redis, wanted: 4, announces: true });
    await first.reached;
    const grown: number[] = [];
    const later = openShards({ ...options, wanted: 2, onGrown: (count) => grown.push(count) });
    expect(later.all()).toHaveLength(2);
    await later.reached;
    expect([later.all().length, grown, first.current()]).toEqual([4, [4], 4]);
    expect(later.all().map(({ prefix }) => prefix)).toEqual(
      [0, 1, 2, 3].map((index) => shardPrefix('{agreed}', index)),
    );
    expect(later.all().every((shard) => shard.context() !== undefined)).toBe(true);
    await Promise.all([asking.close(), first.close(), later.close()]);
    redis.disconnect();
  });
});

const replayIn = async (prefix: string, id: string): Promise<string | undefined> => {
  const states = await Promise.all(
    cluster.nodes.map(({ url }) =>
      onNode(url, (node) => node.hget(`${prefix}:replay:${id}`, 'state').catch(() => null)),
    ),
  );
  return states.find((state) => state !== null) ?? undefined;
};
