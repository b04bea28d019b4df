import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { operations } from './operations/all-operations.ts';
import { ConsoleRig } from './test-support/console-rig.ts';

/** What of an OpenAPI document is looked at here. */
const schemaObject = z.record(z.string(), z.unknown());
const operationObject = z.object({
  operationId: z.string(),
  summary: z.string(),
  'x-role': z.enum(['viewer', 'operator']).optional(),
  parameters: z.array(
    z.object({
      name: z.string(),
      in: z.enum(['path', 'query']),
      required: z.boolean(),
      schema: schemaObject,
    }),
  ),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: schemaObject })) }).optional(),
  responses: z.record(
    z.string(),
    z.object({ content: z.record(z.string(), z.object({ schema: schemaObject })).optional() }),
  ),
});
const documentObject = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), operationObject)),
  components: z.object({ schemas: z.object({ Problem: schemaObject }) }),
});

let rig: ConsoleRig;
let edge: Server;
let document: z.output<typeof documentObject>;
let dead: string;
let replay: string;

beforeAll(async () => {
  // Real ones are sent by e2e/console-tests-connections.test.ts.
  edge = createServer((_request, response) => response.end('{"result":"accepted","deliveries":["dlv_1"]}'));
  const port = await new Promise<number>((resolve) =>
    edge.listen(0, '127.0.0.1', () => resolve((edge.address() as AddressInfo).port)),
  );
  const env = { SLUICE_INGEST_URL: `http://127.0.0.1:${port}` };
  rig = await ConsoleRig.open({ startRedis, makeDelivery }, { env });
  [dead = ''] = await rig.kill('acme', 3);
  const { body } = await rig.post('/api/replays', { filter: { id: [dead] }, note: 'x' });
  replay = (body as { id: string }).id;
  document = documentObject.parse((await rig.get('/api/openapi.json')).body);
});

afterAll(async () => {
  edge.closeAllConnections();
  edge.close();
  await rig.close();
});

const templated = (path: string) => path.replaceAll(/:(\w+)/g, '{$1}');

/** A validator made of the document alone. */
function validatorOf(path: string, method: string, status: number, type = 'application/json'): z.ZodType {
  const answer = document.paths[templated(path)]?.[method]?.responses[status];
  const schema = answer?.content?.[type]?.schema;
  if (!schema) throw new Error(`the document has no answer ${status} of ${method} ${path}`);
  return z.fromJSONSchema(schema);
}

test('covers every operation, each with its role, its parameters and its problems', () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  const declared = operations.map(({ method, path }) => `${method} ${templated(path)}`);
  const session = ['post /session', 'delete /session'];
  expect(described.toSorted()).toEqual([...declared, ...session].toSorted());
  for (const operation of operations) {
    const told = document.paths[templated(operation.path)]?.[operation.method];
    expect(told?.['x-role']).toBe(operation.role);
    expect(told?.requestBody !== undefined).toBe((operation.body ?? operation.lines) !== undefined);
    expect(Object.keys(told?.responses ?? {})).toEqual(
      expect.arrayContaining([String(operation.answer.status), '400', '401', '403', '429', '503']),
    );
    const inPath = told?.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    expect(inPath).toEqual([...operation.path.matchAll(/:(\w+)/g)].map(([, name]) => name));
  }
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(operations.length + session.length);
});

test('says of parameters and bodies what is taken', () => {
  const list = document.paths['/dead-letters']?.get;
  expect(list?.parameters.find(({ name }) => name === 'limit')).toMatchObject({
    in: 'query',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
  });
  expect(list?.parameters.find(({ name }) => name === 'having')?.schema).toMatchObject({ type: 'array' });
  const run = document.paths['/replays']?.post?.requestBody?.content['application/json']?.schema;
  expect(JSON.stringify(run)).toContain('retries_exhausted');
});

describe('describes what is really answered', () => {
  /** The calls of every operation that answers JSON, in an order in which each can be done. */
  const calls = new Map<string, () => Promise<unknown>>([
    ['get /me', () => rig.get('/api/me')],
    ['get /overview', () => rig.get('/api/overview')],
    ['get /dead-letters', () => rig.get('/api/dead-letters?limit=1')],
    ['get /dead-letters/groups', () => rig.get('/api/dead-letters/groups')],
    ['get /dead-letters/summary', () => rig.get('/api/dead-letters/summary')],
    ['post /dead-letters/try', () => rig.post('/api/dead-letters/try', { filter: {} })],
    [
      'post /dead-letters/edit',
      () =>
        rig.post('/api/dead-letters/edit', {
          ...{ all: true, note: 'x', dryRun: true },
          patch: [{ op: 'add', path: '/note', value: 'x' }],
        }),
    ],
    [
      'post /dead-letters/discard',
      () => rig.post('/api/dead-letters/discard', { filter: { id: ['dlv_x'] }, note: 'x' }),
    ],
    ['post /dead-letters/restore', () => rig.post('/api/dead-letters/restore', { all: true, note: 'x' })],
    [
      'post /dead-letters/import',
      () => {
        const headers = { 'content-type': 'application/x-ndjson' };
        return rig.send('/api/dead-letters/import', { method: 'POST', body: '{}\n' }, { headers });
      },
    ],
    ['get /deliveries', () => rig.get('/api/deliveries?find=id=1')],
    ['get /deliveries/:id', () => rig.get(`/api/deliveries/${dead}`)],
    ['get /deliveries/:id/event', () => rig.get(`/api/deliveries/${dead}/event`)],
    ['post /replays/plan', () => rig.post('/api/replays/plan', { filter: {} })],
    ['post /replays', () => rig.post('/api/replays', { all: true, note: 'x' })],
    ['get /replays', () => rig.get('/api/replays')],
    ['get /replays/:id', () => rig.get(`/api/replays/${replay}`)],
    ['post /replays/:id/pause', () => rig.post(`/api/replays/${replay}/pause`, { note: 'x' })],
    ['post /replays/:id/resume', () => rig.post(`/api/replays/${replay}/resume`, { note: 'x' })],
    ['post /replays/:id/cancel', () => rig.post(`/api/replays/${replay}/cancel`, { note: 'x' })],
    ['post /connections/:id/hold', () => rig.post('/api/connections/acme/hold', { note: 'x' })],
    ['get /connections', () => rig.get('/api/connections')],
    ['post /connections/:id/release', () => rig.post('/api/connections/acme/release', { note: 'x' })],
    ['post /connections/:id/test', () => rig.post('/api/connections/acme/test', { note: 'x' })],
    ['get /audit', () => rig.get('/api/audit')],
    ['get /ledger', () => rig.get('/api/ledger')],
    ['get /settings', () => rig.get('/api/settings')],
    ['get /openapi.json', () => rig.get('/api/openapi.json')],
  ]);

  test('every operation is called here', () => {
    const answering = operations.filter(({ answer }) => answer.mediaType === 'application/json');
    expect([...calls.keys()].toSorted()).toEqual(
      answering.map(({ method, path }) => `${method} ${path}`).toSorted(),
    );
  });

  test.each([...calls])('%s', async (name, call) => {
    const [method = '', path = ''] = name.split(' ');
    const { answer } = operations.find((one) => one.method === method && one.path === path) ?? {};
    const { status, body, text } = (await call()) as { status: number; body: unknown; text: string };
    expect(status, text).toBe(answer?.status);
    const read = validatorOf(path, method, status).safeParse(body);
    expect(read.error?.issues ?? []).toEqual([]);
  });

  test('lines of an export', async () => {
    const { text } = await rig.get('/api/dead-letters/export?bodies=exact');
    const line = validatorOf('/dead-letters/export', 'get', 200, 'application/x-ndjson');
    const read = text
      .trim()
      .split('\n')
      .map((one) => line.safeParse(JSON.parse(one)));
    expect(read.map(({ error }) => error?.issues ?? [])).toEqual([[], [], []]);
  });

  test('a delivery as it was revealed, and a problem', async () => {
    const { body } = await rig.get(`/api/deliveries/${dead}?reveal=true`);
    expect(validatorOf('/deliveries/:id', 'get', 200).safeParse(body).error).toBeUndefined();
    const problem = z.fromJSONSchema(document.components.schemas.Problem);
    const { body: told } = await rig.get('/api/dead-letters?limit=x');
    expect(problem.safeParse(told).error).toBeUndefined();
    expect(problem.safeParse({ ...(told as object), stack: 'x' }).success).toBe(false);
  });
});
