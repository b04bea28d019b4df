import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../config-error.ts';
import { readIngestSettings } from './ingest-settings.ts';
import { readConnectionsPath, readLogSettings, readRedisSettings } from './shared-settings.ts';
import type { Environment } from './variables.ts';
import { readWorkerSettings } from './worker-settings.ts';

function problemsOf(read: (env: Environment) => unknown, env: Environment): readonly string[] {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('defaults', () => {
  test('ingest', () => {
    const { redis, ...settings } = readIngestSettings({});
    expect(redis.url.reveal()).toBe('redis://127.0.0.1:6379');
    expect(redis).toMatchObject({ displayUrl: 'redis://127.0.0.1:6379', queuePrefix: '{sluice}', shards: 1 });
    expect(settings).toEqual({
      log: { level: 'info', pretty: 'auto' },
      tracing: { isOn: false, endpoint: 'http://127.0.0.1:4318' },
      connectionsPath: 'config/connections.yaml',
      host: '127.0.0.1',
      port: 3000,
      metricsHost: '127.0.0.1',
      metricsPort: 3004,
      processes: 1,
      enqueueDeadlineMs: 900,
      waitReplicas: 0,
      maxBacklog: 1_000_000,
      memoryWatermarkPercent: 85,
      maxInFlight: 1_000,
      maxInFlightBytes: 128 * 1024 * 1024,
      headersTimeoutMs: 5_000,
      requestTimeoutMs: 15_000,
      drainMs: 10_000,
    });
  });

  test('worker', () => {
    const { redis, ...settings } = readWorkerSettings({});
    expect(redis.url.reveal()).toBe('redis://127.0.0.1:6379');
    expect(settings).toEqual({
      log: { level: 'info', pretty: 'auto' },
      tracing: { isOn: false, endpoint: 'http://127.0.0.1:4318' },
      connectionsPath: 'config/connections.yaml',
      metricsHost: '127.0.0.1',
      metricsPort: 3003,
      concurrency: 50,
      botpressApiUrl: 'https://api.botpress.cloud',
      apiTimeoutMs: 15_000,
      verifyAfterMs: 70_000,
      circuitProbeMs: 30_000,
      drainMs: 20_000,
      stalledIntervalMs: 15_000,
      keepDelivered: 1_000,
      sweepPercent: 20,
      ...{ statusSweep: 'true', statusIntervalMs: 15_000, statusMaxMinutes: 60, keepAwaiting: 10_000 },
      deadLetterMaxDays: 30,
      deadLetterMaxMib: 0,
      workspace: { callsPerSecond: 100, invocationsPerMinute: 0, invocationsPerMonth: 0 },
    });
  });

  test('an empty variable counts as unset', () => {
    expect(readIngestSettings({ SLUICE_INGEST_PORT: '', REDIS_URL: ' ' }).port).toBe(3000);
  });
});

test('returns the values deeply frozen', () => {
  const settings = readWorkerSettings({
    BOTPRESS_API_URL: 'http://127.0.0.1:3002/',
    SLUICE_WORKER_METRICS_PORT: '0',
    SLUICE_WORKER_METRICS_HOST: '::1',
    LOG_LEVEL: 'silent',
    SLUICE_CONNECTIONS: '/etc/sluice/connections.json',
    SLUICE_QUEUE_PREFIX: '{test-1}',
  });
  expect(settings).toMatchObject({
    botpressApiUrl: 'http://127.0.0.1:3002',
    metricsPort: 0,
    metricsHost: '::1',
    log: { level: 'silent' },
    connectionsPath: '/etc/sluice/connections.json',
    redis: { queuePrefix: '{test-1}' },
  });
  expect(Object.isFrozen(settings) && Object.isFrozen(settings.redis) && Object.isFrozen(settings.log)).toBe(
    true,
  );
  expect(readConnectionsPath({ SLUICE_CONNECTIONS: 'a.yaml' })).toBe('a.yaml');
});

test('reports all problems, each with variable, problem and remedy', () => {
  const env = {
    SLUICE_INGEST_PORT: '65536',
    SLUICE_ENQUEUE_DEADLINE_MS: '2s',
    SLUICE_MAX_IN_FLIGHT: '0',
    SLUICE_DRAIN_MS: '-1',
    LOG_LEVEL: 'verbose',
    SLUICE_INGEST_HOST: 'http://0.0.0.0',
    SLUICE_QUEUE_PREFIX: 'sluice',
  };
  expect(problemsOf(readIngestSettings, env)).toEqual([
    'SLUICE_QUEUE_PREFIX is not a name in braces (letters, digits, . : _ -). Set it to a name in braces like {sluice}, or unset it for {sluice}.',
    'LOG_LEVEL is not supported: "verbose". Set it to one of trace, debug, info, warn, error, fatal, silent, or unset it for info.',
    'SLUICE_INGEST_HOST is not a host name or address. Set it to a host without a port, such as 0.0.0.0, or unset it for 127.0.0.1.',
    'SLUICE_INGEST_PORT is out of range: "65536". Set it to a whole number from 0 to 65535, or unset it for 3000.',
    'SLUICE_ENQUEUE_DEADLINE_MS is not a whole number in plain digits: "2s". Set it to a whole number from 1 to 60000 (ms), or unset it for 900.',
    'SLUICE_MAX_IN_FLIGHT is out of range: "0". Set it to a whole number from 1 to 1000000 (webhooks), or unset it for 1000.',
    'SLUICE_DRAIN_MS is out of range: "-1". Set it to a whole number from 1 to 600000 (ms), or unset it for 10000.',
  ]);
  expect(() => readIngestSettings(env)).toThrow(/^The environment has 7 problems:\n {2}SLUICE_QUEUE_PREFIX/);
});

test.each(['1e3', '0x10', '3.5', '1_000', '٣', '99999999999999999999'])(
  '%s is not a whole number',
  (text) => {
    expect(problemsOf(readWorkerSettings, { SLUICE_WORKER_CONCURRENCY: text })).toHaveLength(1);
  },
);

test('reports contradicting values', () => {
  expect(problemsOf(readIngestSettings, { SLUICE_HEADERS_TIMEOUT_MS: '20000' })).toEqual([
    'SLUICE_HEADERS_TIMEOUT_MS (20000) exceeds SLUICE_REQUEST_TIMEOUT_MS (15000). Set it to that or less.',
  ]);
  expect(problemsOf(readIngestSettings, { SLUICE_INGEST_METRICS_PORT: '3000' })).toEqual([
    'SLUICE_INGEST_METRICS_PORT equals SLUICE_INGEST_PORT (3000). Set different ports.',
  ]);
  expect(
    problemsOf(readIngestSettings, { SLUICE_INGEST_PORT: '0', SLUICE_INGEST_METRICS_PORT: '0' }),
  ).toEqual([]);
});

test('SLUICE_SETTLE_MS must exceed the timeout of a call', () => {
  expect(problemsOf(readWorkerSettings, { SLUICE_API_TIMEOUT_MS: '70000' })).toEqual([
    'SLUICE_SETTLE_MS (70000) does not exceed SLUICE_API_TIMEOUT_MS (70000). Set it to more.',
  ]);
  expect(problemsOf(readWorkerSettings, { SLUICE_API_TIMEOUT_MS: '69999' })).toEqual([]);
});

test('SLUICE_WAIT_REPLICAS may be 0, watermarks may not', () => {
  expect(readIngestSettings({ SLUICE_WAIT_REPLICAS: '0' }).waitReplicas).toBe(0);
  expect(
    problemsOf(readIngestSettings, {
      SLUICE_WAIT_REPLICAS: '11',
      SLUICE_MAX_BACKLOG: '0',
      SLUICE_MEMORY_WATERMARK_PERCENT: '101',
    }),
  ).toEqual([
    'SLUICE_WAIT_REPLICAS is out of range: "11". Set it to a whole number from 0 to 10 (replicas), or unset it for 0.',
    'SLUICE_MAX_BACKLOG is out of range: "0". Set it to a whole number from 1 to 1000000000 (deliveries), or unset it for 1000000.',
    'SLUICE_MEMORY_WATERMARK_PERCENT is out of range: "101". Set it to a whole number from 1 to 100 (%), or unset it for 85.',
  ]);
});

describe('REDIS_URL', () => {
  test.each([
    ['redis://cache:6380/2', 'redis://cache:6380/2'],
    ['rediss://user:hunter2@cache.example', 'rediss://cache.example'],
    ['/run/redis.sock', '/run/redis.sock'],
    ['redis+cluster://a:7000,b:7001', 'redis+cluster://a:7000,b:7001'],
    ['rediss+cluster://user:hunter2@a,[::1]:7001', 'rediss+cluster://a,[::1]:7001'],
  ])('%s is accepted and displayed without its secrets', (url, shown) => {
    const redis = readRedisSettings({ REDIS_URL: url });
    expect(redis.url.reveal()).toBe(url);
    expect(redis.displayUrl).toBe(shown);
    expect(inspect(redis, { depth: 9 })).not.toContain('hunter2');
  });

  test.each([
    ['redis://:hunter#2@cache', 'REDIS_URL is not a URL (percent-encode special characters in the password)'],
    ['https://:hunter2@cache', 'REDIS_URL has the scheme https://, which is not supported'],
    ['redis://:hunter2@', 'REDIS_URL is not a URL'],
    ['redis://:hunter2@cache/main', 'REDIS_URL has a database that is not a number'],
    ['redis:cache', 'REDIS_URL has no host'],
    ['redis+cluster://:hunter2@a:7000,', 'REDIS_URL has no host'],
    ['redis+cluster://a:7000,b:x', 'REDIS_URL is not a URL'],
    ['redis+cluster://:hunter2@a:7000/1,b', 'REDIS_URL names a database, which a cluster does not support'],
  ])('%s is rejected without being quoted', (url, problem) => {
    const [first = ''] = problemsOf(readRedisSettings, { REDIS_URL: url });
    expect(first).toContain(problem);
    expect(first).not.toMatch(/hunter/);
  });
});

test.each([
  ['api.botpress.cloud', 'BOTPRESS_API_URL is not a URL'],
  ['ftp://api', 'BOTPRESS_API_URL is neither http:// nor https://'],
  ['https://user:hunter2@api', 'BOTPRESS_API_URL contains a user or password'],
])('BOTPRESS_API_URL %s is rejected', (url, problem) => {
  const [first = ''] = problemsOf(readWorkerSettings, { BOTPRESS_API_URL: url });
  expect(first).toContain(problem);
  expect(first).not.toContain('hunter2');
});

test('LOG_PRETTY accepts three words only', () => {
  expect(readLogSettings({ LOG_PRETTY: 'true' }).pretty).toBe('true');
  expect(problemsOf(readLogSettings, { LOG_PRETTY: 'yes' })).toHaveLength(1);
});
