import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  createDeadLetters,
  createDeliveries,
  createReplays,
  type DeadLetters,
  type Deliveries,
  openShards,
} from '@sluice/queue';
import { createDeliveryBackend, enqueueGroup } from '@sluice/queue/testing';
import { makeDelivery, startRedis } from '@sluice/testing';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { NO_MATCH, type Question, questions } from './dead-letters/ask.ts';
import { deliveryOf } from './dead-letters/deaths.ts';
import { PREFIX, seed } from './dead-letters/seed.ts';

const COUNT = 100_000;
/** Fewer of what takes long. */
const ROUNDS = 12;
const LONG_MS = 3_000;
const LIVE_MS = 10_000;
const RESULTS = fileURLToPath(new URL('results/dead-letters.md', import.meta.url));

/**
 * `npm run bench dead-letters [count]`: how long pages, filters and counts of that many dead letters of 8 kB take, how
 * long Redis does nothing else, and what that does to what is enqueued meanwhile.
 */
export async function benchDeadLetters([count = String(COUNT)]: readonly string[]): Promise<void> {
  const server = await startRedis({ own: true });
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  const shards = openShards({ url: server.url, name: 'bench', prefix: PREFIX, onError: () => {} });
  const [deadLetters, replays, deliveries] = [
    createDeadLetters(shards),
    createReplays(shards),
    createDeliveries(shards),
  ];
  await shards.reached;
  const begin = performance.now();
  await seed(server.url, Number(count));
  process.stderr.write(`${count} dead in ${((performance.now() - begin) / 1_000).toFixed(0)} s\n`);
  const { id } = JSON.parse(deliveryOf(Math.floor(Number(count) / 2)).body) as { id: number };
  const asked = await questions(deadLetters, replays, String(id));
  const rows: string[] = [];
  for (const question of asked) rows.push(await measure(redis, question));
  rows.push(
    await measure(redis, {
      name: 'deliveries find: order_id, one',
      ask: () => search(deliveries, String(id)),
    }),
  );
  const live = await beside(server.url, deadLetters);
  await removeSieves(redis);
  const ask = () => deadLetters.find({ having: [NO_MATCH] }, { order: 'newest', limit: 50 });
  rows.push(await measure(redis, { name: 'page: payload: email, none, of bodies without sieves', ask }));
  const memory = /used_memory_human:(\S+)/.exec(await redis.info('memory'))?.[1] ?? '';
  await report(Number(count), memory, rows, live);
  await shards.close();
  redis.disconnect();
  await server.stop();
}

const search = (deliveries: Deliveries, value: string) =>
  deliveries.find([{ name: 'order_id', value }], { limit: 20 });

/** What died before there were sieves, or in BullMQ's own words, has none. */
async function removeSieves(redis: Redis): Promise<void> {
  const ids = await redis.zrange(`${PREFIX}:deliveries:failed`, '0', '-1');
  const key = (id: string) => `${PREFIX}:deliveries:${id}`;
  for (let from = 0; from < ids.length; from += 1_000) {
    const some = ids.slice(from, from + 1_000);
    const reasons = await redis.pipeline(some.map((id) => ['hget', key(id), 'sl:failure'])).exec();
    const without = (index: number) => String(reasons?.[index]?.[1]).replace(/,"~sieve":"[^"]*"/, '');
    await redis.pipeline(some.map((id, index) => ['hset', key(id), 'sl:failure', without(index)])).exec();
  }
}

async function measure(redis: Redis, { name, ask }: Question): Promise<string> {
  await redis.config('SET', 'slowlog-log-slower-than', '500');
  await redis.config('SET', 'slowlog-max-len', '10000');
  await redis.slowlog('RESET');
  const times: number[] = [];
  // The first warms up.
  await ask();
  const before = await cpuOf(redis);
  for (let spent = 0; times.length < ROUNDS && (spent < LONG_MS || times.length < 3); ) {
    const begin = performance.now();
    await ask();
    times.push(performance.now() - begin);
    spent += times.at(-1) ?? 0;
  }
  const cpu = ((await cpuOf(redis)) - before) / times.length;
  const slow = (await redis.slowlog('GET', 10_000)) as [number, number, number][];
  const blocked = Math.max(0, ...slow.map(([, , micros]) => micros / 1_000));
  const cells = [percentile(times, 0.5), percentile(times, 0.95), cpu].map((ms) => ms.toFixed(1));
  const row = `| ${[name, ...cells, blocked < 0.5 ? '< 0.5' : blocked.toFixed(1)].join(' | ')} |`;
  process.stderr.write(`${row}\n`);
  return row;
}

/** Milliseconds of processor time that Redis' main thread has used. */
async function cpuOf(redis: Redis): Promise<number> {
  const info = await redis.info('cpu');
  const seconds = (name: string) => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1]);
  return (seconds('used_cpu_user_main_thread') + seconds('used_cpu_sys_main_thread')) * 1_000;
}

/** Enqueues some 50 a second, with nothing beside it and with searches that find nothing, one after the other. */
async function beside(url: string, deadLetters: DeadLetters): Promise<string[]> {
  const queue = new Queue('deliveries', { connection: { url }, prefix: PREFIX }, createDeliveryBackend);
  const body = deliveryOf(1).body;
  const enqueue = async () => {
    const times: number[] = [];
    for (const end = performance.now() + LIVE_MS; performance.now() < end; await pause(15)) {
      const begin = performance.now();
      await enqueueGroup(queue, [{ delivery: makeDelivery({ body }), deduplicationWindow: 60_000 }]);
      times.push(performance.now() - begin);
    }
    return times;
  };
  const loops = {
    nothing: undefined,
    'a filter by text that nothing fits': { text: 'no such words' },
    'a search of payloads that finds nothing': { having: [{ name: 'email', value: 'nobody@example.org' }] },
  };
  const rows: string[] = [];
  for (const [name, filter] of Object.entries(loops)) {
    let isOver = false;
    const searching = (async () => {
      while (filter && !isOver) await deadLetters.find(filter, { order: 'newest', limit: 50 });
    })();
    const times = await enqueue();
    isOver = true;
    await searching;
    const cells = [0.5, 0.95, 0.99].map((part) => percentile(times, part).toFixed(1));
    rows.push(`| ${[name, ...cells].join(' | ')} |`);
  }
  await queue.close();
  return rows;
}

async function report(
  count: number,
  memory: string,
  rows: readonly string[],
  live: readonly string[],
): Promise<void> {
  const commit = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8' }).trim();
  const [cpu] = cpus();
  const text = [
    '# Dead letters: pages, filters, counts',
    '',
    `\`npm run bench dead-letters ${count}\`, commit ${commit}, ${new Date().toISOString()}, load average ${loadavg()[0]?.toFixed(1)};`,
    `${cpus().length} cores (${cpu?.model.trim()}), Node ${process.version}. ${count} dead letters of 8 kB, each a distinct order, in ten`,
    `groups by five connections, that died as a worker lets them die; Redis with appendfsync always, ${memory}.`,
    '',
    `Milliseconds of up to ${ROUNDS} rounds: by the clock, of Redis’ processor, and the longest that it did nothing else (SLOWLOG). A page is of 50.`,
    '',
    '| asked | p50 | p95 | Redis’ CPU | blocked |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    `Milliseconds that an enqueue of one delivery took, some 50 a second for ${LIVE_MS / 1_000} s, with this beside it without a pause:`,
    '',
    '| beside it | p50 | p95 | p99 |',
    '|---|---|---|---|',
    ...live,
    '',
  ].join('\n');
  await writeFile(RESULTS, text);
  process.stdout.write(text);
}

function percentile(values: readonly number[], part: number): number {
  return (
    values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(part * values.length))] ??
    Number.NaN
  );
}
