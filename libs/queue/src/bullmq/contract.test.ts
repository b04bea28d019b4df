import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunningRedis, startRedis } from '@sluice/testing';
import { type Job, Queue, type RedisQueueBackend, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  DELIVERY_FIELDS,
  dueAt,
  JOB_FIELDS,
  priorityScore,
  QUEUE_KEYS,
  QUEUE_NAME,
  queueKeyPrefix,
} from './layout.ts';
import {
  assertBackendMembers,
  bullmqLua,
  bullmqVersion,
  scriptOfCommand,
  unverifiedBullmq,
  VERIFIED_BULLMQ_VERSIONS,
} from './private-surface.ts';
import { BULLMQ_SCRIPTS, type BullmqScript, keysOf, PACKED } from './script-layout.ts';

/** Tests the parts of BullMQ that Sluice relies on, with BullMQ's own backend and a real Redis. */

const PREFIX = '{contract}';
const KEY_PREFIX = queueKeyPrefix(PREFIX);
const LOCK = 'lock-of-the-worker';

let server: RunningRedis;
let redis: Redis;
let queue: Queue;
let worker: Worker;

/** The keys and arguments that BullMQ sent with each of its scripts, in order. */
const sent = new Map<string, unknown[][]>();
/** Scores of the jobs in two sorted sets. */
const scores: { prioritized?: number | undefined; delayed?: number | undefined } = {};
/** The fields of jobs and the keys that BullMQ wrote. */
const written = { fields: new Set<string>(), keys: new Set<string>() };

beforeAll(async () => {
  server = await startRedis({ own: true });
  redis = new Redis(server.url, { maxRetriesPerRequest: null });
  const options = { connection: { url: server.url }, prefix: PREFIX };
  queue = new Queue(QUEUE_NAME, options);
  worker = new Worker(QUEUE_NAME, null, { ...options, autorun: false });
  await Promise.all([record(queue.getBackend()), record(worker.getBackend())]);
  await runAll();
});

afterAll(async () => {
  await Promise.all([queue.close(), worker.close()]);
  redis.disconnect();
  await server.stop();
});

async function record(backend: RedisQueueBackend): Promise<void> {
  const client = await backend.client;
  const run = client.runCommand;
  client.runCommand = (command, args) => {
    const script = scriptOfCommand(command);
    sent.set(script, [...(sent.get(script) ?? []), args]);
    return run(command, args);
  };
}

/** Makes BullMQ run each script that Sluice extends, one job after the other. */
async function runAll(): Promise<void> {
  await queue.add(
    'orders/create',
    { n: 1 },
    { jobId: 'dlv_standard', deduplication: { id: 'dup', ttl: 60_000 } },
  );
  await reserve((job) => job.moveToCompleted('result', LOCK, false));
  await queue.add('orders/create', { n: 2 }, { jobId: 'dlv_prioritized', priority: 7 });
  await reserve((job) => job.moveToFailed(new UnrecoverableError('rejected'), LOCK, false));
  await (await queue.getJob('dlv_prioritized'))?.retry('failed', { resetAttemptsMade: true });
  await reserve((job) => job.moveToDelayed(Date.now() + 60_000, LOCK));
  await queue.add('orders/create', { n: 3 }, { jobId: 'dlv_delayed', delay: 60_000 });
  await look();
  await (await queue.getJob('dlv_delayed'))?.promote();
  await look();
  await queue.remove('dlv_delayed');
}

async function reserve(finish: (job: Job) => Promise<unknown>): Promise<void> {
  await look();
  const job = await worker.getNextJob(LOCK, { block: false });
  if (!job) throw new Error('No job waits.');
  await look();
  await finish(job);
  await look();
}

/** Collects the keys and job fields in Redis. */
async function look(): Promise<void> {
  for (const [key, id] of [
    ['prioritized', 'dlv_prioritized'],
    ['delayed', 'dlv_delayed'],
  ] as const) {
    scores[key] ??= Number((await redis.zscore(KEY_PREFIX + key, id)) ?? Number.NaN) || undefined;
  }
  for (const key of await redis.keys('*')) {
    written.keys.add(key);
    if (/:dlv_\w+$/.test(key)) for (const field of await redis.hkeys(key)) written.fields.add(field);
  }
}

/** Expected keys that are not in `QUEUE_KEYS`, and arguments by name, of one call of each script. */
const CALLS: Readonly<
  Record<BullmqScript, { others?: Record<string, string>; args: Record<string, unknown> }>
> = {
  addStandardJob: {
    args: { packed: expect.any(Buffer), data: '{"n":1}', packedOptions: expect.any(Buffer) },
  },
  addPrioritizedJob: {
    args: { packed: expect.any(Buffer), data: '{"n":2}', packedOptions: expect.any(Buffer) },
  },
  addDelayedJob: { args: { packed: expect.any(Buffer), data: '{"n":3}', packedOptions: expect.any(Buffer) } },
  moveToFinished: {
    others: { finished: 'completed', job: 'dlv_standard', metrics: 'metrics:completed' },
    args: {
      ...{ id: 'dlv_standard', timestamp: expect.any(Number), field: 'returnvalue', value: '"result"' },
      ...{ target: 'completed', fetchNext: 0, keyPrefix: KEY_PREFIX, packedOptions: expect.any(Buffer) },
      fieldsToUpdate: undefined,
    },
  },
  moveToDelayed: {
    others: { job: 'dlv_prioritized' },
    args: {
      ...{ keyPrefix: KEY_PREFIX, timestamp: expect.any(Number), id: 'dlv_prioritized', lock: LOCK },
      ...{ delay: expect.any(Number), skipAttempt: '1', fieldsToUpdate: undefined, fetchNext: 0 },
      packedOptions: undefined,
    },
  },
  promote: { args: { keyPrefix: KEY_PREFIX, id: 'dlv_delayed' } },
  reprocessJob: {
    others: { job: 'dlv_prioritized' },
    args: {
      ...{ id: 'dlv_prioritized', push: 'LPUSH', field: 'failedReason', state: 'failed' },
      ...{ resetAttemptsMade: '1', resetAttemptsStarted: '0' },
    },
  },
  removeJob: {
    others: { job: 'dlv_delayed' },
    args: { id: 'dlv_delayed', removeChildren: expect.anything(), keyPrefix: KEY_PREFIX },
  },
};

const SCRIPTS = Object.keys(BULLMQ_SCRIPTS) as BullmqScript[];

test('the installed BullMQ is a verified version', () => {
  expect(VERIFIED_BULLMQ_VERSIONS).toContain(bullmqVersion());
  expect(unverifiedBullmq()).toBeUndefined();
  expect(unverifiedBullmq('6.8.0')).toEqual({ installed: '6.8.0', verified: VERIFIED_BULLMQ_VERSIONS });
});

test('BullMQ’s backend has the members that Sluice uses, and a backend without them is rejected', () => {
  expect(assertBackendMembers(queue.getBackend())).toBe(queue.getBackend());
  expect(() => assertBackendMembers({} as RedisQueueBackend)).toThrow('has no client, addJobToTransaction');
});

test.each(SCRIPTS)('the script %s has the keys and arguments of its table', (script) => {
  expect(bullmqLua(script)).toContain('redis.call');
  const [call = []] = sent.get(script) ?? [];
  const { others, args } = CALLS[script];
  const { keys, args: names } = BULLMQ_SCRIPTS[script];
  expect(call.slice(0, keys.length)).toEqual(keysOf(script, KEY_PREFIX, others));
  expect(Object.keys(args)).toEqual([...names]);
  expect(call.slice(keys.length)).toEqual(Object.values(args));
});

test('an added job has its prefix, id, name, time and deduplication key at the positions of the table', async () => {
  const packed = sent.get('addStandardJob')?.[0]?.at(-3) as Buffer;
  const at = async (position: number) =>
    redis.eval('return cmsgpack.unpack(ARGV[1])[tonumber(ARGV[2])]', 0, packed, position);
  expect(await at(PACKED.keyPrefix)).toBe(KEY_PREFIX);
  expect(await at(PACKED.id)).toBe('dlv_standard');
  expect(await at(PACKED.name)).toBe('orders/create');
  expect(await at(PACKED.timestamp)).toEqual(expect.any(Number));
  expect(await at(PACKED.deduplicationKey)).toBe(`${KEY_PREFIX}de:dup`);
});

test('BullMQ writes only job fields and keys of the layout', () => {
  const known: readonly string[] = Object.values(JOB_FIELDS);
  expect([...written.fields].filter((field) => !known.includes(field))).toEqual([]);
  const suffixes = Object.values(QUEUE_KEYS).join('|');
  const named = new RegExp(`^(?:${suffixes}.*|dlv_\\w+(?::lock)?)$`);
  const keys = [...written.keys].map((key) => key.slice(KEY_PREFIX.length));
  expect(keys.filter((key) => !named.test(key))).toEqual([]);
});

test('BullMQ writes every field and key on which Sluice relies', () => {
  const relied = [
    'name',
    'data',
    'opts',
    'timestamp',
    'delay',
    'priority',
    'processedOn',
    'finishedOn',
    'returnvalue',
  ];
  const fields = [...relied, 'failedReason', 'stacktrace', 'atm', 'ats', 'deid'];
  expect([...written.fields]).toEqual(expect.arrayContaining(fields));
  const keys = [
    'active',
    'prioritized',
    'delayed',
    'completed',
    'failed',
    'meta',
    'marker',
    'events',
    'pc',
    'de:dup',
    'dlv_standard:lock',
  ];
  expect([...written.keys]).toEqual(expect.arrayContaining(keys.map((key) => KEY_PREFIX + key)));
});

test('the scores of prioritized and delayed jobs grow as the layout says', async () => {
  const { prioritized = 0, delayed = 0 } = scores;
  expect(prioritized).toBeGreaterThanOrEqual(priorityScore(7));
  expect(prioritized).toBeLessThan(priorityScore(8));
  expect(Math.abs(dueAt(delayed) - Date.now() - 60_000)).toBeLessThan(60_000);
});

test('Sluice’s own job fields have names that BullMQ does not use', () => {
  for (const field of Object.values(DELIVERY_FIELDS)) expect(field).toMatch(/^sl:[a-z]+$/);
});

const SOURCES = fileURLToPath(new URL('..', import.meta.url));
const LUA_FILES = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.lua'),
);

test.each(LUA_FILES)('%s is valid Lua and starts with a description', async (path) => {
  const lua = readFileSync(join(SOURCES, path), 'utf8');
  expect(lua).toMatch(/^-- \S/);
  expect(await redis.script('LOAD', lua)).toMatch(/^[0-9a-f]{40}$/);
});
