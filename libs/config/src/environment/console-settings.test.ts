import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../config-error.ts';
import { readConsoleSettings } from './console-settings.ts';
import type { Environment } from './variables.ts';

const VIEWER = 'v'.repeat(24);
const OPERATOR = 'o'.repeat(32);

function problemsOf(env: Environment): readonly string[] {
  try {
    readConsoleSettings(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('listens on loopback without tokens by default', () => {
  const { redis, ...settings } = readConsoleSettings({});
  expect(redis.displayUrl).toBe('redis://127.0.0.1:6379');
  expect(settings).toEqual({
    log: { level: 'info', pretty: 'auto' },
    connectionsPath: 'config/connections.yaml',
    host: '127.0.0.1',
    port: 3001,
    tokens: [],
    publicUrl: 'http://127.0.0.1:3000',
    ingestUrl: 'http://127.0.0.1:3000',
    notifications: {
      url: undefined,
      format: 'slack',
      oldestSeconds: 300,
      deadLetters: 50,
      memoryPercent: 80,
    },
    drainMs: 10_000,
  });
});

test('returns tokens, which may contain colons, as secrets', () => {
  const settings = readConsoleSettings({
    SLUICE_CONSOLE_TOKENS: ` ann@desk:operator:${OPERATOR}:x , grafana:viewer:${VIEWER}`,
    SLUICE_CONSOLE_HOST: '0.0.0.0',
  });
  expect(settings.tokens.map(({ name, role, token }) => [name, role, token.reveal()])).toEqual([
    ['ann@desk', 'operator', `${OPERATOR}:x`],
    ['grafana', 'viewer', VIEWER],
  ]);
  const shown = JSON.stringify(settings) + inspect(settings, { depth: 9, showHidden: true });
  expect(shown).not.toContain(OPERATOR);
  expect(shown).not.toContain(VIEWER);
});

describe('a host other than loopback', () => {
  test.each(['0.0.0.0', '::', '10.0.0.5', 'console.example', '127.example.com'])(
    '%s requires tokens, and the error explains how to create one',
    (host) => {
      const [first = '', ...more] = problemsOf({ SLUICE_CONSOLE_HOST: host });
      expect(more).toEqual([]);
      expect(first).toMatch(
        /^SLUICE_CONSOLE_HOST \(.*\) is reachable from other machines, but there are no tokens\./,
      );
      expect(first).toContain('openssl rand -hex 32');
    },
  );

  test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('%s is loopback', (host) => {
    expect(problemsOf({ SLUICE_CONSOLE_HOST: host })).toEqual([]);
  });
});

test.each([
  [`:operator:${OPERATOR}`, 'entry 1 has no name'],
  [OPERATOR, 'entry 1 has a role other than viewer and operator'],
  [`ann:admin:${OPERATOR}`, 'entry 1 has a role other than viewer and operator'],
  [`a:viewer:${VIEWER},ann:operator:short`, 'entry 2 has a token of fewer than 24 characters'],
  [`ann:operator:${OPERATOR} x`, 'entry 1 has a token with spaces'],
  [`ann:operator:${OPERATOR}é`, 'entry 1 has a token with spaces or non-ASCII characters'],
  [`ann:operator:${OPERATOR},bob:viewer:${OPERATOR}`, 'entry 2 has the token of another entry'],
  [`ann:operator:${OPERATOR},`, 'entry 2 has no name'],
])('reports an invalid entry by its position without quoting it: %s', (tokens, problem) => {
  const problems = problemsOf({ SLUICE_CONSOLE_TOKENS: tokens, SLUICE_CONSOLE_HOST: '0.0.0.0' });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`SLUICE_CONSOLE_TOKENS is invalid: ${problem}`);
  expect(problems[0]).not.toMatch(/o{8}|v{8}|short|admin/);
});

describe('notifications', () => {
  const url = 'https://hooks.example.com/services/canary';

  test('have a URL that is not exposed', () => {
    const settings = readConsoleSettings({ SLUICE_NOTIFY_URL: url, SLUICE_NOTIFY_FORMAT: 'json' });
    expect(settings.notifications.url?.reveal()).toBe(url);
    expect(JSON.stringify(settings) + inspect(settings, { depth: 9, showHidden: true })).not.toContain(
      'canary',
    );
  });

  test.each([
    [
      'http://hooks.example.com/canary',
      'is http:// to another machine, which exposes it to the network in between',
    ],
    ['ftp://hooks.example.com/canary', 'is neither http:// nor https://'],
    ['https://user:canary@hooks.example.com/', 'contains a user or password'],
    ['canary', 'is not a URL'],
  ])('are not sent to %s, and the error does not quote it', (invalid, why) => {
    expect(problemsOf({ SLUICE_NOTIFY_URL: invalid })).toEqual([
      expect.stringMatching(new RegExp(`^SLUICE_NOTIFY_URL ${why}\\. `)),
    ]);
    expect(problemsOf({ SLUICE_NOTIFY_URL: invalid }).join()).not.toContain('canary');
  });

  test.each(['http://127.0.0.1:9/x', 'http://[::1]:9/x', 'http://localhost:9/x'])(
    '%s is loopback and may be http',
    (local) => {
      expect(problemsOf({ SLUICE_NOTIFY_URL: local })).toEqual([]);
    },
  );
});

test.each(['SLUICE_PUBLIC_URL', 'SLUICE_INGEST_URL'])('%s is a URL without secrets', (name) => {
  expect(readConsoleSettings({ [name]: 'https://hooks.example.com/sluice//' })).toMatchObject({
    [name === 'SLUICE_PUBLIC_URL' ? 'publicUrl' : 'ingestUrl']: 'https://hooks.example.com/sluice',
  });
  for (const wrong of [
    'hooks.example.com',
    'ftp://a.b',
    'https://ann:canary@a.b',
    'https://a.b?key=canary',
  ]) {
    const [first = ''] = problemsOf({ [name]: wrong });
    expect(first).toMatch(new RegExp(`^${name} (is|contains) `));
    expect(first).not.toContain('canary');
  }
});
