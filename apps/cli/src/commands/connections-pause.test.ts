import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openScheduler } from '@sluice/queue';
import { type RunningRedis, startRedis } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { operatorName } from '../options/operator.ts';
import { run } from '../test-support/run.ts';

const PREFIX = '{test}';

let folder: string;
let server: RunningRedis;
let redis: Redis;
let scheduler: ReturnType<typeof openScheduler>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-pause-'));
  server = await startRedis({ own: true });
  redis = new Redis(server.url);
  const onError = () => {};
  scheduler = openScheduler({
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
  await scheduler.close();
  redis.disconnect();
  await server.stop();
  rmSync(folder, { recursive: true });
});

test('pauses, lists and resumes a connection', async () => {
  expect(await run('connections', 'pause', 'acme', '--note', 'new token')).toEqual({
    code: 0,
    out: 'acme paused. Its deliveries wait until sluice connections resume acme.',
    err: '',
  });
  const [held] = await scheduler.heldConnections();
  expect(held).toMatchObject({ connection: 'acme', by: 'operator', reason: 'new token' });
  const { code, out } = await run('connections', 'paused');
  const since = new Date(held?.since ?? 0).toISOString();
  expect(out.split('\n')).toEqual([
    'ID    STATE   SINCE                     NEXT PROBE  WAITING  REASON',
    `acme  paused  ${since}  -           0        new token`,
  ]);
  expect(code).toBe(0);

  expect(await run('connections', 'resume', 'acme', '--note', 'it works')).toMatchObject({
    code: 0,
    out: 'acme resumed. Its deliveries are sent at the rate of their bot.',
  });
  expect(await run('connections', 'resume', 'acme')).toEqual({
    code: 1,
    out: '',
    err: 'error: acme is not paused. List paused connections with sluice connections paused.',
  });
  expect(await run('connections', 'paused')).toMatchObject({ code: 0, out: 'No paused connections' });
});

test('records operator, action and note in the audit log', async () => {
  await run('connections', 'pause', 'acme', '--note', 'new token');
  await run('connections', 'resume', 'acme', '--note', 'it works');
  const lines = await redis.xrange(`${PREFIX}:audit`, '-', '+');
  const [pauseLine, resumeLine] = lines.map(([, fields]) => fields.join(' '));
  expect(pauseLine).toMatch(
    new RegExp(`^action hold connection acme by operator who ${operatorName()} reason new token at \\d+$`),
  );
  expect(resumeLine).toMatch(/^action release connection acme by operator who .* reason it works at \d+$/);
});

test('lists an open circuit with its next probe, also as JSON', async () => {
  const reason = '401 Unauthorized\u001b[31m';
  for (let failures = 1; failures <= 3; failures++)
    await scheduler.recordFailure('acme', { kind: 'bot', reason, limit: 3 });
  const [held] = await scheduler.heldConnections();
  const { out } = await run('connections', 'paused');
  expect(out).toContain(new Date(held?.probeAt ?? 0).toISOString());
  expect(out).toContain('circuit open');
  expect(out).not.toContain('\u001b');
  expect(JSON.parse((await run('connections', 'paused', '--json')).out)).toEqual({ held: [held] });
  expect(await run('connections', 'resume', 'acme')).toMatchObject({ code: 0 });
});

test('does not pause a connection that is not in the file, and warns when the file cannot be read', async () => {
  expect(await run('connections', 'pause', 'acme-orders', '--note', 'x')).toEqual({
    code: 2,
    out: '',
    err: `error: Connection "acme-orders" is not in ${process.env.SLUICE_CONNECTIONS}. Connections: acme, other.`,
  });
  expect(await scheduler.heldConnections()).toEqual([]);
  const paused = await run('connections', 'pause', 'acme', '--note', 'x', '--connections', '/nowhere.yaml');
  expect(paused).toMatchObject({
    code: 0,
    err: 'warning: Cannot read /nowhere.yaml. The id "acme" was not checked.',
  });
  expect(await scheduler.heldConnections()).toHaveLength(1);
});

test.each([
  [['pause', 'acme'], "required option '--note <text>' not specified"],
  [['pause', '--note', 'x'], "missing required argument 'id'"],
  [['resume'], "missing required argument 'id'"],
])('exits with 2 for invalid usage: %j', async (argv, message) => {
  const { code, err } = await run('connections', ...argv);
  expect(err).toContain(message);
  expect(code).toBe(2);
});

test('reports an unreachable Redis in one line', async () => {
  vi.stubEnv('REDIS_URL', 'redis://:hunter2@127.0.0.1:1');
  for (const argv of [['paused'], ['resume', 'acme'], ['pause', 'acme', '--note', 'x']]) {
    const { code, out, err } = await run('connections', ...argv);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error: Redis at \S+ does not respond: .*ECONNREFUSED.*\. Check REDIS_URL\.$/);
    expect(err).not.toContain('hunter2');
  }
});

test('stops waiting for a frozen Redis', async () => {
  server.signal('SIGSTOP');
  try {
    const { code, err } = await run('connections', 'paused');
    expect(code).toBe(1);
    expect(err).toContain('no response within 5 s');
  } finally {
    server.signal('SIGCONT');
  }
});
