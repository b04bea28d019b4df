import { type RunningRedis, startRedis } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openShards, type Shards } from '../sharding/across-shards.ts';
import { type AuditLine, type AuditLog, createAuditLog } from './audit-log.ts';

const PREFIX = '{audit}';

let server: RunningRedis;
let redis: Redis;
let audit: AuditLog;
let shards: Shards;

beforeAll(async () => {
  server = await startRedis({ own: true });
  redis = new Redis(server.url);
  shards = openShards({ url: server.url, name: 'test', prefix: PREFIX, onError: () => {} });
  audit = createAuditLog(shards);
  await shards.reached;
});

beforeEach(() => redis.flushall());

afterAll(async () => {
  await shards.close();
  redis.disconnect();
  await server.stop();
});

test('an entry records the action, its operator, subject, time and reason', async () => {
  const since = Date.now();
  await audit.append({ action: 'reveal', who: 'ann', reason: 'asked', about: { delivery: 'dlv_1' } });
  const { lines, next } = await audit.read({ limit: 10 });
  expect(lines).toEqual([
    {
      id: expect.stringMatching(/^\d+-\d+$/),
      at: expect.any(Number),
      action: 'reveal',
      by: 'operator',
      who: 'ann',
      reason: 'asked',
      about: { delivery: 'dlv_1' },
    },
  ]);
  expect(lines[0]?.at).toBeGreaterThanOrEqual(since);
  expect(next).toBeUndefined();
});

test('pages list each entry once, newest first, while new entries are written', async () => {
  for (let index = 0; index < 7; index++) {
    await audit.append({ action: `a${index}`, who: 'ann', reason: 'x' });
  }
  const seen: AuditLine[] = [];
  let cursor: string | undefined;
  do {
    const page = await audit.read({ limit: 3, cursor });
    seen.push(...page.lines);
    cursor = page.next;
    await audit.append({ action: 'later', who: 'ann', reason: 'x' });
  } while (cursor);
  expect(seen.map(({ action }) => action)).toEqual(['a6', 'a5', 'a4', 'a3', 'a2', 'a1', 'a0']);
});

test('reads entries without an operator and a time, and takes the time from their id', async () => {
  await redis.xadd(`${PREFIX}:audit`, '1790000000000-0', 'action', 'erased', 'connection', 'acme');
  const { lines } = await audit.read({ limit: 1 });
  expect(lines).toEqual([
    { id: '1790000000000-0', at: 1_790_000_000_000, action: 'erased', by: '', about: { connection: 'acme' } },
  ]);
});
