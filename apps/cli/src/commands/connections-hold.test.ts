import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openScheduler } from '@sluice/queue';
import { type RunningRedis, startRedis } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { operatorName } from '../operator-name.ts';
import { run } from '../test-support/recording.ts';

const PREFIX = '{test}';

let folder: string;
let server: RunningRedis;
let redis: Redis;
let gate: ReturnType<typeof openScheduler>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-hold-'));
  server = await startRedis({ own: true });
  redis = new Redis(server.url);
  const onError = () => {};
  gate = openScheduler({
    redisUrl: server.url,
    prefix: PREFIX,
    onError,
    probeAfter: 30_000,
    lockDuration: 30_000,
  });
});

beforeEach(async () => {
  const file = join(folder, 'connections.yaml');
  const connection = (id: string) =>
    `  - { id: ${id}, source: linear, secrets: [hunter2], botpress: { botId: b, integrationId: i, token: t } }`;
  writeFileSync(file, ['connections:', connection('acme'), connection('other')].join('\n'));
  vi.stubEnv('REDIS_URL', server.url);
  vi.stubEnv('SLUICE_QUEUE_PREFIX', PREFIX);
  vi.stubEnv('SLUICE_CONNECTIONS', file);
  await redis.flushall();
});

afterEach(() => {
  vi.unstubAllEnvs();
});

afterAll(async () => {
  await gate.close();
  redis.disconnect();
  await server.stop();
  rmSync(folder, { recursive: true });
});

test('hold, held and release, each once', async () => {
  expect(await run('connections', 'hold', 'acme', '--reason', 'new token')).toEqual({
    code: 0,
    out: 'acme is held: its deliveries wait until sluice connections release acme',
    err: '',
  });
  const [hold] = await gate.heldConnections();
  expect(hold).toMatchObject({ connection: 'acme', by: 'operator', reason: 'new token' });
  const { code, out } = await run('connections', 'held');
  const since = new Date(hold?.since ?? 0).toISOString();
  expect(out.split('\n')).toEqual([
    'ID    BY        SINCE                     NEXT PROBE  WAITING  REASON',
    `acme  operator  ${since}  -           0        new token`,
  ]);
  expect(code).toBe(0);

  expect(await run('connections', 'release', 'acme', '--reason', 'it works')).toMatchObject({
    code: 0,
    out: 'acme is released: what waited drains at the pace of its bot',
  });
  expect(await run('connections', 'release', 'acme')).toEqual({
    code: 1,
    out: '',
    err: 'error: acme is not held  — sluice connections held lists those that are',
  });
  expect(await run('connections', 'held')).toMatchObject({ code: 0, out: 'no connection is held' });
});

test('who, what and why stand in the audit stream', async () => {
  await run('connections', 'hold', 'acme', '--reason', 'new token');
  await run('connections', 'release', 'acme', '--reason', 'it works');
  const lines = await redis.xrange(`${PREFIX}:audit`, '-', '+');
  const [held, released] = lines.map(([, fields]) => fields.join(' '));
  expect(held).toMatch(
    new RegExp(`^action hold connection acme by operator who ${operatorName()} reason new token at \\d+$`),
  );
  expect(released).toMatch(/^action release connection acme by operator who .* reason it works at \d+$/);
});

test('held tells of refusals when the next probe is, and --json tells programs', async () => {
  const reason = '401 Unauthorized\u001b[31m';
  for (let told = 1; told <= 3; told++) await gate.recordFailure('acme', { kind: 'bot', reason, limit: 3 });
  const [hold] = await gate.heldConnections();
  const { out } = await run('connections', 'held');
  expect(out).toContain(new Date(hold?.probeAt ?? 0).toISOString());
  expect(out).not.toContain('\u001b');
  expect(JSON.parse((await run('connections', 'held', '--json')).out)).toEqual({ held: [hold] });
  expect(await run('connections', 'release', 'acme')).toMatchObject({ code: 0 });
});

test('a connection that is not in the file is not held, and without the file it is with a warning', async () => {
  expect(await run('connections', 'hold', 'acme-orders', '--reason', 'x')).toEqual({
    code: 2,
    out: '',
    err: `error: the connection "acme-orders" is not in ${process.env.SLUICE_CONNECTIONS}; there are: acme, other`,
  });
  expect(await gate.heldConnections()).toEqual([]);
  const said = await run('connections', 'hold', 'acme', '--reason', 'x', '--connections', '/nowhere.yaml');
  expect(said).toMatchObject({
    code: 0,
    err: 'warning: nobody has checked that there is a connection "acme": /nowhere.yaml cannot be read here',
  });
  expect(await gate.heldConnections()).toHaveLength(1);
});

test.each([
  [['hold', 'acme'], "required option '--reason <text>' not specified"],
  [['hold', '--reason', 'x'], "missing required argument 'id'"],
  [['release'], "missing required argument 'id'"],
])('called wrongly: %j', async (argv, said) => {
  const { code, err } = await run('connections', ...argv);
  expect(err).toContain(said);
  expect(code).toBe(2);
});

test('a Redis that is not there is one line', async () => {
  vi.stubEnv('REDIS_URL', 'redis://:hunter2@127.0.0.1:1');
  for (const argv of [['held'], ['release', 'acme'], ['hold', 'acme', '--reason', 'x']]) {
    const { code, out, err } = await run('connections', ...argv);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error: Redis at \S+ does not answer: .*ECONNREFUSED.* {2}— is REDIS_URL right\?$/);
    expect(err).not.toContain('hunter2');
  }
});

test('a Redis that is frozen is given up', async () => {
  server.signal('SIGSTOP');
  try {
    const { code, err } = await run('connections', 'held');
    expect(code).toBe(1);
    expect(err).toContain('nothing within 5 s');
  } finally {
    server.signal('SIGCONT');
  }
});
