import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningSandbox, runSluice, startRedis, startSandbox } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
let sandbox: RunningSandbox;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-check-'));
  // As if the token were of a person with one workspace: the tests pass none.
  sandbox = await startSandbox({ SLUICE_SANDBOX_WORKSPACE_HEADER: 'optional' });
});

afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

interface ConnectionSpec {
  readonly id: string;
  readonly bot?: string;
  readonly integration?: string | null;
  readonly alias?: string;
  readonly apiUrl?: string;
  readonly topics?: Readonly<Record<string, boolean>>;
  readonly unless?: readonly object[];
}

const TOKEN = 'test-tok-3n';

/** Runs `connections check` as its own process, on a file with these connections. */
async function check(
  connections: readonly ConnectionSpec[],
  argv: readonly string[] = [],
  apiUrl = sandbox.url,
  env: Readonly<Record<string, string>> = {},
) {
  const file = join(folder, 'connections.json');
  const toConnection = ({ id, bot = 'acme', integration = 'demo-integration', ...spec }: ConnectionSpec) => ({
    id,
    source: 'linear',
    topics: spec.topics ?? {},
    unless: spec.unless ?? [],
    secrets: ['hunter2'],
    botpress: {
      botId: bot,
      token: TOKEN,
      ...(integration === null ? {} : { integrationId: integration }),
      ...(spec.alias === undefined ? {} : { integrationAlias: spec.alias }),
      ...(spec.apiUrl === undefined ? {} : { apiUrl: spec.apiUrl }),
    },
  });
  writeFileSync(file, JSON.stringify({ connections: connections.map(toConnection) }));
  const run = await runSluice(['connections', 'check', '--connections', file, ...argv], {
    BOTPRESS_API_URL: apiUrl,
    ...env,
  });
  const { code, stdout: out, stderr: err } = await run.ended;
  return { code, out, err };
}

/** Returns the result of each connection. Fails if a token was printed. */
async function resultsOf(
  connections: readonly ConnectionSpec[],
  argv: readonly string[] = [],
  apiUrl?: string,
) {
  const result = await check(connections, ['--json', ...argv], apiUrl);
  expect(result.out + result.err).not.toContain(TOKEN);
  const { ok, connections: rows } = JSON.parse(result.out) as {
    ok: boolean;
    connections: {
      id: string;
      botpress: { result: string; detail: string | null; undefinedEvents: string[] };
    }[];
  };
  return { code: result.code, ok, rows: Object.fromEntries(rows.map(({ id, botpress }) => [id, botpress])) };
}

/** Starts a server with fixed responses. It records the bot of each call. */
async function startFake(respond: (url: string) => { status: number; body: unknown } | 'no response') {
  const calls: string[] = [];
  const server: Server = createServer((request, response) => {
    calls.push(String(request.headers['x-bot-id']));
    const { method, url = '' } = request;
    const answer = respond(url);
    if (method !== 'GET') throw new Error('a check only reads');
    if (answer === 'no response') return;
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const apiError = (code: number, type: string) => ({
  status: code,
  body: { id: 'err_1', code, type, message: type, metadata: {} },
});

const events = { status: 200, body: { events: [], meta: {} } };

test('exits with 0 and creates no event when every connection is ok', async () => {
  const { code, out, err } = await check([{ id: 'a' }, { id: 'b' }]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('BOTPRESS');
  expect(out).toMatch(/^a .* ok$/m);
  expect(out).toContain('\nBotpress: 2 ok, 0 failed\n');
  expect(await sandbox.calls()).toEqual([]);
});

test('reports every kind of result and exits with 1 when one connection fails', async () => {
  await sandbox.setBot('revoked', { state: 'revoked' });
  await sandbox.setBot('other', { token: 'another token' });
  await sandbox.setBot('forbidden', { state: 'forbidden' });
  await sandbox.setBot('missing', { state: 'missing' });
  await sandbox.setBot('unpaid', { state: 'unpaid' });
  await fetch(`${sandbox.url}/sandbox/integrations/small`, {
    method: 'PUT',
    body: JSON.stringify({ events: { issueCreated: { schema: {} }, issueUpdated: { schema: {} } } }),
  });
  const { code, ok, rows } = await resultsOf([
    { id: 'fine' },
    { id: 'revoked', bot: 'revoked' },
    { id: 'other-token', bot: 'other' },
    { id: 'forbidden', bot: 'forbidden' },
    { id: 'missing', bot: 'missing' },
    { id: 'unpaid', bot: 'unpaid' },
    { id: 'no-integration', integration: 'nowhere' },
    { id: 'small', integration: 'small' },
    { id: 'as-bot', integration: null },
    { id: 'by-alias', integration: null, alias: 'mine' },
    { id: 'away', apiUrl: 'http://127.0.0.1:1' },
  ]);
  expect({ code, ok }).toEqual({ code: 1, ok: false });
  expect(Object.fromEntries(Object.entries(rows).map(([id, { result }]) => [id, result]))).toEqual({
    fine: 'ok',
    revoked: 'token_refused',
    'other-token': 'token_refused',
    forbidden: 'token_refused',
    missing: 'bot_unknown',
    unpaid: 'refused',
    'no-integration': 'integration_unknown',
    small: 'events_undefined',
    'as-bot': 'no_trigger',
    'by-alias': 'ok_unknown_events',
    away: 'not_reachable',
  });
  expect(rows.small?.undefinedEvents).toEqual(['issueDeleted', 'commentCreated']);
  expect(rows.small?.detail).toBe(
    'undefined events [issueDeleted, commentCreated]: deploy integration/linear, install it in the bot and set its id as integrationId',
  );
  expect(rows['as-bot']?.detail).toMatch(
    /^no bot in Studio has a trigger for \[issueCreated, .*\], sent without an integration: deploy integration\/linear, .* needs --bot-events$/,
  );
  expect(rows.unpaid?.detail).toBe('rejected: answered 402 PaymentRequired');
  expect(rows.away?.detail).toBe('unreachable: ECONNREFUSED');
});

test('distinguishes an unknown integration from an unknown bot', async () => {
  const fake = await startFake(() => apiError(404, 'ResourceNotFound'));
  expect((await resultsOf([{ id: 'a' }], [], fake.url)).rows.a?.result).toBe('bot_unknown');
  fake.close();

  const withIntegration = createServer((request, response) => {
    const answer = request.headers['x-integration-id'] ? apiError(404, 'ResourceNotFound') : events;
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => withIntegration.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(withIntegration.address() as AddressInfo).port}`;
  expect((await resultsOf([{ id: 'a' }], [], url)).rows.a?.result).toBe('integration_unknown');
  withIntegration.closeAllConnections();
  withIntegration.close();
});

test('reports unknown events without failing when the token may not read definitions', async () => {
  const fake = await startFake((url) => (url.startsWith('/v1/admin/') ? apiError(403, 'Forbidden') : events));
  const { code, ok, rows } = await resultsOf([{ id: 'a' }], [], fake.url);
  expect({ code, ok, result: rows.a?.result }).toEqual({ code: 0, ok: true, result: 'ok_unknown_events' });
  expect(rows.a?.detail).toContain('the token may not read definitions (403)');
  const { out } = await check([{ id: 'a' }], [], fake.url);
  expect(out).toContain('Botpress: 1 ok, 0 failed; 1 with unknown events');
  fake.close();
});

test('rejects a server that does not respond like Botpress', async () => {
  for (const [status, body] of [
    [200, 'a login page'],
    [404, 'no such page'],
    [503, 'down'],
    [429, 'slow down'],
  ] as const) {
    const fake = await startFake(() => ({ status, body }));
    const { code, rows } = await resultsOf([{ id: 'a' }], [], fake.url);
    expect({ code, result: rows.a?.result }).toEqual({ code: 1, result: 'refused' });
    expect(rows.a?.detail).toContain(String(status));
    fake.close();
  }
  const gateway = await startFake(() => ({ status: 502, body: 'bad gateway' }));
  expect((await resultsOf([{ id: 'a' }], [], gateway.url)).rows.a?.result).toBe('not_reachable');
  gateway.close();
}, 60_000);

test('takes two timeouts for any number of targets without a response', async () => {
  const fake = await startFake(() => 'no response');
  const many = Array.from({ length: 60 }, (_, index) => ({ id: `c${index}`, bot: `bot-${index % 30}` }));
  const start = performance.now();
  const { code, rows } = await resultsOf(many, [], fake.url);
  expect(performance.now() - start).toBeLessThan(25_000);
  expect(code).toBe(1);
  expect(new Set(Object.values(rows).map(({ result }) => result))).toEqual(new Set(['not_reachable']));
  expect(rows.c0?.detail).toBe('unreachable: no answer within the timeout');
  expect(rows.c29?.detail).toContain('skipped');
  // Ten at a time; until the tenth of them times out, the others have called nine more.
  expect(fake.calls.length).toBeLessThanOrEqual(19);
  fake.close();
}, 60_000);

test('checks each target once and reports to each connection only its own events', async () => {
  const fake = await startFake((url) =>
    url.startsWith('/v1/admin/')
      ? {
          status: 200,
          body: { integration: { events: { issueCreated: {}, issueUpdated: {}, issueDeleted: {} } } },
        }
      : events,
  );
  const { code, rows } = await resultsOf(
    [{ id: 'a' }, { id: 'b', topics: { 'Comment.create': false } }, { id: 'c' }, { id: 'd', bot: 'other' }],
    [],
    fake.url,
  );
  expect(code).toBe(1);
  expect(Object.values(rows).map(({ undefinedEvents }) => undefinedEvents)).toEqual([
    ['commentCreated'],
    [],
    ['commentCreated'],
    ['commentCreated'],
  ]);
  expect(rows.b).toEqual({ result: 'ok', detail: null, undefinedEvents: [] });
  expect([...fake.calls].sort()).toEqual(['acme', 'acme', 'other', 'other']);
  fake.close();
});

test('sends --workspace to the Admin API', async () => {
  const calls: unknown[] = [];
  const server = createServer((request, response) => {
    calls.push([request.url?.split('?')[0], request.headers['x-workspace-id']]);
    const body = request.url?.startsWith('/v1/admin/')
      ? { integration: { events: {} } }
      : { events: [], meta: {} };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { rows } = await resultsOf([{ id: 'a', integration: 'int/1' }], ['--workspace', 'wkspace_1'], url);
  expect(rows.a?.result).toBe('events_undefined');
  expect(calls).toEqual([
    ['/v1/chat/events', 'wkspace_1'],
    ['/v1/admin/integrations/int%2F1', 'wkspace_1'],
  ]);
  server.closeAllConnections();
  server.close();
});

test('warns about unless rules that never match, and exits with 0', async () => {
  const unless = [
    { path: 'data.id', value: 'issue-1' },
    { path: 'data.title.text', value: 'x' },
    { path: 'data.body', value: [null, 'hello'] },
    { path: 'actor', value: 'someone' },
  ];
  const { code, out } = await check([{ id: 'a', unless }, { id: 'b' }], ['--offline']);
  expect(code).toBe(0);
  expect(out.split('\n').filter((line) => line.startsWith('Warning'))).toEqual([
    'Warning: a: unless[3] never matches: no event has such a value at this path. Correct the path or the value.',
  ]);
  const { out: json } = await check([{ id: 'a', unless }], ['--offline', '--json']);
  expect(JSON.parse(json)).toMatchObject({
    ok: true,
    connections: [{ id: 'a', warnings: [expect.stringContaining('unless[3]')] }],
  });
});

test('calls nothing with --offline', async () => {
  const fake = await startFake(() => events);
  const { code, out } = await check([{ id: 'a' }], ['--offline'], fake.url);
  expect(code).toBe(0);
  expect(out).not.toContain('BOTPRESS');
  expect(fake.calls).toEqual([]);
  fake.close();
});

test('accepts events sent as the bot if the bot defines them, or with --bot-events', async () => {
  const asBot = { id: 'a', integration: null };
  const bots: Record<string, unknown> = {};
  const fake = await startFake((url) =>
    url === '/v1/admin/bots/acme' ? { status: 200, body: { bot: bots } } : events,
  );
  const resultOf = async (...argv: string[]) => {
    const { code, rows } = await resultsOf([asBot], argv, fake.url);
    return { code, result: rows.a?.result, undefinedEvents: rows.a?.undefinedEvents };
  };
  const all = ['issueCreated', 'issueUpdated', 'issueDeleted', 'commentCreated'];
  expect(await resultOf()).toEqual({ code: 1, result: 'no_trigger', undefinedEvents: all });
  expect(await resultOf('--bot-events')).toMatchObject({ code: 0, result: 'ok_unknown_events' });

  bots.events = { issueCreated: {}, issueUpdated: {} };
  const missing = { code: 1, result: 'no_trigger', undefinedEvents: ['issueDeleted', 'commentCreated'] };
  expect(await resultOf()).toEqual(missing);
  expect(await resultOf('--bot-events')).toEqual(missing);

  bots.events = Object.fromEntries(all.map((name) => [name, {}]));
  expect(await resultOf()).toEqual({ code: 0, result: 'ok', undefinedEvents: [] });
  fake.close();
}, 60_000);

test('rejects an integration that the bot has not installed or has disabled', async () => {
  let integrations: unknown;
  const defined = { issueCreated: {}, issueUpdated: {}, issueDeleted: {}, commentCreated: {} };
  const fake = await startFake((url) => {
    if (url === '/v1/admin/bots/acme') return { status: 200, body: { bot: { integrations } } };
    return url.startsWith('/v1/admin/')
      ? { status: 200, body: { integration: { events: defined } } }
      : events;
  });
  const results: unknown[] = [];
  for (integrations of [
    {},
    { mine: { id: 'another', enabled: true } },
    { mine: { id: 'demo-integration', enabled: false } },
    { mine: { id: 'demo-integration', enabled: true } },
    { 'demo-integration': { id: 'demo-integration', enabled: true } },
    // Not readable.
    undefined,
  ]) {
    results.push((await resultsOf([{ id: 'a' }], [], fake.url)).rows.a?.result);
  }
  expect(results).toEqual(['not_installed', 'not_installed', 'not_installed', 'ok', 'ok', 'ok']);
  fake.close();
}, 60_000);

test('takes its calls from the window that the workers share', async () => {
  const server = await startRedis({ own: true });
  const redis = new Redis(server.url);
  const { code } = await check([{ id: 'a' }, { id: 'b', bot: 'third' }], [], sandbox.url, {
    REDIS_URL: server.url,
  });
  const window = await redis.hgetall(`{sluice}:gate:window:${sandbox.url}`);
  redis.disconnect();
  await server.stop();
  expect(code).toBe(0);
  expect(Object.keys(window).sort()).toEqual(['at', 'check', 'issued']);
}, 60_000);
