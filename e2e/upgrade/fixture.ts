import { readFile } from 'node:fs/promises';
import type { ChainableCommander, Redis } from 'ioredis';

/** The first line of a fixture. */
interface Header {
  /** Commit of the build that wrote the data. */
  readonly commit: string;
  /** Redis' clock when the data was captured, in milliseconds since the epoch. */
  readonly capturedAt: number;
}

/** Every other line of a fixture: one key. `ttl` is the rest of its time to live, in milliseconds. */
type StoredKey = { readonly key: string; readonly ttl?: number } & (
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'list' | 'set'; readonly value: readonly string[] }
  | { readonly type: 'hash'; readonly value: Readonly<Record<string, string>> }
  /** Members and scores in turns. */
  | { readonly type: 'zset'; readonly value: readonly string[] }
  /** Ids, with fields and values in turns. */
  | { readonly type: 'stream'; readonly value: readonly (readonly [string, readonly string[]])[] }
);

/** Milliseconds. Data is loaded as if it had been captured ten minutes ago. */
const DOWNTIME = 10 * 60_000;

const DAY = 24 * 3_600_000;

/**
 * The forms in which Redis holds times: milliseconds; the microseconds of a place in a lane, and of a replayed
 * delivery's place; and BullMQ's scores of delayed jobs.
 */
const CLOCKS = [
  { zero: 0, perMs: 1 },
  { zero: 0, perMs: 1_000 },
  { zero: 4e15, perMs: 1_000 },
  { zero: 0, perMs: 4_096 },
];

/** Matches numbers that may be times, and whole bodies, whose numbers stay as they are. */
const BODY_OR_NUMBER = /"body":"(?:[^"\\]|\\.)*"|(?<![\w.])\d{13,16}(?![\w.])/g;

/** Entries that a fixture keeps of BullMQ's event streams. Sluice reads new entries only. */
const EVENTS = 10;

/**
 * Reads all of Sluice's keys. Keys that expire within the downtime are left out: locks and leases.
 *
 * @param commit of the build that wrote them
 * @returns the text of a fixture, as NDJSON
 */
export async function captureFixture(redis: Redis, commit: string): Promise<string> {
  const header: Header = { commit, capturedAt: await readClock(redis) };
  const names: string[] = [];
  for await (const page of redis.scanStream({ match: '{sluice*' })) names.push(...page);
  const keys = await Promise.all([...new Set(names)].sort().map((name) => readKey(redis, name)));
  const kept = keys.filter(({ ttl = Number.POSITIVE_INFINITY }) => ttl > DOWNTIME);
  const text = [header, ...kept].map((line) => `${JSON.stringify(line)}\n`).join('');
  if (text.includes('\uFFFD')) throw new Error('Redis holds bytes that are not UTF-8.');
  return text;
}

/** Reads the clock of Redis, in milliseconds since the epoch. */
async function readClock(redis: Redis): Promise<number> {
  const [seconds = 0, micros = 0] = await redis.time();
  return seconds * 1_000 + Math.floor(micros / 1_000);
}

async function readKey(redis: Redis, key: string): Promise<StoredKey> {
  const ttl = await redis.pttl(key);
  const about = ttl >= 0 ? { key, ttl } : { key };
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return { ...about, type, value: (await redis.get(key)) ?? '' };
    case 'list':
      return { ...about, type, value: await redis.lrange(key, 0, -1) };
    case 'set':
      return { ...about, type, value: (await redis.smembers(key)).sort() };
    case 'hash':
      return { ...about, type, value: Object.fromEntries(Object.entries(await redis.hgetall(key)).sort()) };
    case 'zset':
      return { ...about, type, value: await redis.zrange(key, '0', '-1', 'WITHSCORES') };
    case 'stream':
      return { ...about, type, value: await readStream(redis, key) };
    default:
      throw new Error(`Cannot capture ${key}: it is a ${type}.`);
  }
}

async function readStream(redis: Redis, key: string): Promise<[string, string[]][]> {
  if (!key.endsWith(':events')) return redis.xrange(key, '-', '+');
  return (await redis.xrevrange(key, '+', '-', 'COUNT', EVENTS)).reverse();
}

/**
 * Writes a fixture into an empty Redis, with all times moved so that they are ten minutes older than when they
 * were captured. A number counts as a time if it lies within a day of the capture, in one of the forms in which
 * Redis holds times. Delivery ids, which contain times too, and bodies stay as they are.
 */
export async function loadFixture(redis: Redis, path: string): Promise<void> {
  const [first = '', ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const { capturedAt } = JSON.parse(first) as Header;
  const shift = (await readClock(redis)) - DOWNTIME - capturedAt;
  const writes = redis.pipeline();
  for (const line of lines) {
    const moved: StoredKey = JSON.parse(line, (_, value) =>
      typeof value === 'string' ? moveTimes(value, capturedAt, shift) : value,
    );
    writeKey(writes, moved);
  }
  for (const [error] of (await writes.exec()) ?? []) if (error) throw error;
}

function moveTimes(text: string, capturedAt: number, shift: number): string {
  return text.replace(BODY_OR_NUMBER, (matched) => {
    const number = Number(matched);
    const clock = CLOCKS.find(({ zero, perMs }) => Math.abs((number - zero) / perMs - capturedAt) < DAY);
    return clock ? String(number + shift * clock.perMs) : matched;
  });
}

function writeKey(writes: ChainableCommander, stored: StoredKey): void {
  const { key, type, ttl, value } = stored;
  switch (type) {
    case 'string':
      writes.set(key, value);
      break;
    case 'list':
      writes.rpush(key, ...value);
      break;
    case 'set':
      writes.sadd(key, ...value);
      break;
    case 'hash':
      writes.hset(key, value);
      break;
    case 'zset':
      for (let index = 0; index < value.length; index += 2) {
        writes.zadd(key, value[index + 1] as string, value[index] as string);
      }
      break;
    case 'stream':
      for (const [id, fields] of value) writes.xadd(key, id, ...fields);
  }
  if (ttl !== undefined) writes.pexpire(key, ttl - DOWNTIME);
}
