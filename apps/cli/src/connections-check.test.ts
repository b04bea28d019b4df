import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningSandbox, runSluice, startSandbox } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
let sandbox: RunningSandbox;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-check-'));
  sandbox = await startSandbox();
});

afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

interface Wanted {
  readonly id: string;
  readonly bot?: string;
  readonly integration?: string | null;
  readonly alias?: string;
  readonly apiUrl?: string;
  readonly topics?: Readonly<Record<string, boolean>>;
}

const TOKEN = 'tok-3n-of-the-test';

/** Runs `connections check` on a file of such connections, as its own process. */
async function check(connections: readonly Wanted[], argv: readonly string[] = [], apiUrl = sandbox.url) {
  const file = join(folder, 'connections.json');
  const toConnection = ({ id, bot = 'acme', integration = 'demo-integration', ...wanted }: Wanted) => ({
    id,
    source: 'linear',
    topics: wanted.topics ?? {},
    secrets: ['hunter2'],
    botpress: {
      botId: bot,
      token: TOKEN,
      ...(integration === null ? {} : { integrationId: integration }),
      ...(wanted.alias === undefined ? {} : { integrationAlias: wanted.alias }),
      ...(wanted.apiUrl === undefined ? {} : { apiUrl: wanted.apiUrl }),
    },
  });
  writeFileSync(file, JSON.stringify({ connections: connections.map(toConnection) }));
  const run = await runSluice(['connections', 'check', '--connections', file, ...argv], {
    BOTPRESS_API_URL: apiUrl,
  });
  const { code, stdout: out, stderr: err } = await run.ended;
  return { code, out, err };
}

/** The result of each connection, and that nothing secret was printed. */
async function resultsOf(connections: readonly Wanted[], argv: readonly string[] = [], apiUrl?: string) {
  const told = await check(connections, ['--json', ...argv], apiUrl);
  expect(told.out + told.err).not.toContain(TOKEN);
  const { ok, connections: rows } = JSON.parse(told.out) as {
    ok: boolean;
    connections: {
      id: string;
      botpress: { result: string; detail: string | null; undefinedEvents: string[] };
    }[];
  };
  return { code: told.code, ok, rows: Object.fromEntries(rows.map(({ id, botpress }) => [id, botpress])) };
}

/** A server that answers what it is told; it counts who called. */
async function startFake(answer: (url: string) => { status: number; body: unknown } | 'nothing') {
  const calls: string[] = [];
  const server: Server = createServer((request, response) => {
    calls.push(String(request.headers['x-bot-id']));
    const { method, url = '' } = request;
    const answered = answer(url);
    if (method !== 'GET') throw new Error('a check only reads');
    if (answered === 'nothing') return;
    response.writeHead(answered.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answered.body));
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

const refusal = (code: number, type: string) => ({
  status: code,
  body: { id: 'err_1', code, type, message: type, metadata: {} },
});

const events = { status: 200, body: { events: [], meta: {} } };

test('all is well: ends with 0 and creates nothing', async () => {
  const { code, out, err } = await check([{ id: 'a' }, { id: 'b' }]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('BOTPRESS');
  expect(out).toMatch(/^a .* ok$/m);
  expect(out).toContain('\nBotpress: 2 ok, 0 wrong\n');
  expect(await sandbox.calls()).toEqual([]);
});

test('each outcome, each named, and one wrong is enough to end with 1', async () => {
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
    'as-bot': 'ok_unknown_events',
    'by-alias': 'ok_unknown_events',
    away: 'not_reachable',
  });
  expect(rows.small?.undefinedEvents).toEqual(['issueDeleted', 'commentCreated']);
  expect(rows.small?.detail).toContain('event not defined [issueDeleted, commentCreated]');
  expect(rows.unpaid?.detail).toBe('refused: answered 402 PaymentRequired');
  expect(rows.away?.detail).toBe('not reachable: ECONNREFUSED');
});

test('an integration that Botpress does not know in that bot is told from an unknown bot', async () => {
  const fake = await startFake(() => refusal(404, 'ResourceNotFound'));
  expect((await resultsOf([{ id: 'a' }], [], fake.url)).rows.a?.result).toBe('bot_unknown');
  fake.close();

  const withIntegration = createServer((request, response) => {
    const answer = request.headers['x-integration-id'] ? refusal(404, 'ResourceNotFound') : events;
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => withIntegration.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(withIntegration.address() as AddressInfo).port}`;
  expect((await resultsOf([{ id: 'a' }], [], url)).rows.a?.result).toBe('integration_unknown');
  withIntegration.closeAllConnections();
  withIntegration.close();
});

test('a token that may not read definitions is no mistake, and is told', async () => {
  const fake = await startFake((url) => (url.startsWith('/v1/admin/') ? refusal(403, 'Forbidden') : events));
  const { code, ok, rows } = await resultsOf([{ id: 'a' }], [], fake.url);
  expect({ code, ok, result: rows.a?.result }).toEqual({ code: 0, ok: true, result: 'ok_unknown_events' });
  expect(rows.a?.detail).toContain('the token may not read definitions (403)');
  const { out } = await check([{ id: 'a' }], [], fake.url);
  expect(out).toContain('Botpress: 1 ok, 0 wrong; events unknown of 1');
  fake.close();
});

test('what answers, but not as Botpress does, is not taken for Botpress', async () => {
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
});

test('nobody answering takes two timeouts, however many targets', async () => {
  const fake = await startFake(() => 'nothing');
  const many = Array.from({ length: 60 }, (_, index) => ({ id: `c${index}`, bot: `bot-${index % 30}` }));
  const start = performance.now();
  const { code, rows } = await resultsOf(many, [], fake.url);
  expect(performance.now() - start).toBeLessThan(25_000);
  expect(code).toBe(1);
  expect(new Set(Object.values(rows).map(({ result }) => result))).toEqual(new Set(['not_reachable']));
  expect(rows.c0?.detail).toBe('not reachable: no answer within the timeout');
  expect(rows.c29?.detail).toContain('not asked');
  // Ten at once; until the tenth of them gives up, the others have asked nine more.
  expect(fake.calls.length).toBeLessThanOrEqual(19);
  fake.close();
}, 60_000);

test('a target is asked once, and each connection is told of its own events only', async () => {
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

test('--workspace goes to the Admin API', async () => {
  const seen: unknown[] = [];
  const server = createServer((request, response) => {
    seen.push([request.url?.split('?')[0], request.headers['x-workspace-id']]);
    const body = request.url?.startsWith('/v1/admin/')
      ? { integration: { events: {} } }
      : { events: [], meta: {} };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { rows } = await resultsOf([{ id: 'a', integration: 'int/1' }], ['--workspace', 'wkspace_1'], url);
  expect(rows.a?.result).toBe('events_undefined');
  expect(seen).toEqual([
    ['/v1/chat/events', 'wkspace_1'],
    ['/v1/admin/integrations/int%2F1', 'wkspace_1'],
  ]);
  server.closeAllConnections();
  server.close();
});

test('--offline asks nobody', async () => {
  const fake = await startFake(() => events);
  const { code, out } = await check([{ id: 'a' }], ['--offline'], fake.url);
  expect(code).toBe(0);
  expect(out).not.toContain('BOTPRESS');
  expect(fake.calls).toEqual([]);
  fake.close();
});
