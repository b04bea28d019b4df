import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { operations } from '../operations/index.ts';
import { ConsoleRig } from '../test-support/console-rig.ts';
import { describeConsoleApi } from './describe-console-api.ts';
import { renderApiReference } from './render-api-reference.ts';

/** The parts of an OpenAPI document that the tests use. */
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
  components: z.object({
    responses: z.record(z.string(), schemaObject),
    schemas: z.record(z.string(), schemaObject),
  }),
});

let rig: ConsoleRig;
let edge: Server;
let document: z.output<typeof documentObject>;
let dead: string;
let replay: string;

beforeAll(async () => {
  // e2e/console-tests-connections.test.ts tests connections with a real ingest.
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

/** Creates a validator from the document alone. */
function validatorOf(path: string, method: string, status: number, type = 'application/json'): z.ZodType {
  const response = document.paths[templated(path)]?.[method]?.responses[status];
  const schema = response?.content?.[type]?.schema;
  if (!schema) throw new Error(`The document has no response ${status} of ${method} ${path}.`);
  return toValidator(schema);
}

function toValidator(schema: Record<string, unknown>): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas });
  return z.fromJSONSchema(JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')));
}

test('the committed document and reference are current (npm run docs -w apps/console)', () => {
  const committed = (file: string) =>
    readFileSync(new URL(`../../../../docs/reference/${file}`, import.meta.url), 'utf8');
  const current = describeConsoleApi();
  expect(JSON.parse(committed('openapi.json'))).toEqual(JSON.parse(JSON.stringify(current)));
  expect(committed('api.md')).toBe(renderApiReference(current));
});

test('the console serves the document', async () => {
  expect((await rig.get('/api/openapi.json', { as: 'viewer' })).body).toEqual(
    JSON.parse(JSON.stringify(describeConsoleApi())),
  );
});

test('every reference in the document has its target', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
  const targets = new Map(Object.entries(document.components));
  for (const [, kind = '', name = ''] of references) expect(targets.get(kind), name).toHaveProperty(name);
  const used = new Set(references.map(([, , name]) => name));
  expect(Object.keys(document.components.schemas).filter((name) => !used.has(name))).toEqual([]);
});

test('every response and body with fields has a named schema', () => {
  const contents = Object.values(document.paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ responses }) => Object.values(responses))
    .flatMap(({ content }) => Object.values(content ?? {}));
  const unnamed = contents.filter(({ schema }) => schema.type === 'object');
  expect(unnamed).toEqual([]);
  const { schemas } = document.components;
  expect(Object.keys(schemas)).toEqual(
    expect.arrayContaining(['DeadLetter', 'Delivery', 'Replay', 'Connection', 'Failure', 'Problem']),
  );
  for (const name of Object.keys(schemas)) expect(name).toMatch(/^[A-Z][A-Za-z]+$/);
});

test('the document describes every operation with its role, parameters and problems', () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  const declared = operations.map(({ method, path }) => `${method} ${templated(path)}`);
  const session = ['post /session', 'delete /session'];
  expect(described.toSorted()).toEqual([...declared, ...session].toSorted());
  for (const operation of operations) {
    const found = document.paths[templated(operation.path)]?.[operation.method];
    expect(found?.operationId).toBe(operation.id);
    expect(found?.['x-role']).toBe(operation.role);
    expect(found?.requestBody !== undefined).toBe((operation.body ?? operation.lines) !== undefined);
    expect(Object.keys(found?.responses ?? {})).toEqual(
      expect.arrayContaining([String(operation.response.status), '400', '401', '403', '429', '503']),
    );
    const inPath = found?.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    expect(inPath).toEqual([...operation.path.matchAll(/:(\w+)/g)].map(([, name]) => name));
  }
});

test('every operation id is a unique verb and noun', () => {
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(operations.length + 2);
  for (const id of ids) expect(id).toMatch(/^[a-z]+[A-Z][A-Za-z]+$/);
});

test('the document describes the values of parameters and bodies', () => {
  const list = document.paths['/dead-letters']?.get;
  expect(list?.parameters.find(({ name }) => name === 'limit')).toMatchObject({
    in: 'query',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
  });
  expect(list?.parameters.find(({ name }) => name === 'having')?.schema).toMatchObject({ type: 'array' });
  const body = document.paths['/replays']?.post?.requestBody?.content['application/json']?.schema;
  expect(JSON.stringify(body)).toContain('#/components/schemas/DeadLetterFilter');
  expect(JSON.stringify(document.components.schemas.DeadLetterFilter)).toContain('retries_exhausted');
});

describe('the document describes the response', () => {
  /** A call of each operation with a JSON response, in an order in which each succeeds. */
  const calls = new Map<string, () => Promise<unknown>>([
    ['get /me', () => rig.get('/api/me')],
    ['get /overview', () => rig.get('/api/overview')],
    ['get /dead-letters', () => rig.get('/api/dead-letters?limit=1')],
    ['get /dead-letters/groups', () => rig.get('/api/dead-letters/groups')],
    ['get /dead-letters/summary', () => rig.get('/api/dead-letters/summary')],
    ['post /dead-letters/dry-run', () => rig.post('/api/dead-letters/dry-run', { filter: {} })],
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
    ['get /deliveries', () => rig.get('/api/deliveries?having=id=1')],
    ['get /deliveries/:id', () => rig.get(`/api/deliveries/${dead}`)],
    ['get /deliveries/:id/event', () => rig.get(`/api/deliveries/${dead}/event`)],
    ['post /replays/plan', () => rig.post('/api/replays/plan', { filter: {} })],
    ['post /replays', () => rig.post('/api/replays', { all: true, note: 'x' })],
    ['get /replays', () => rig.get('/api/replays')],
    ['get /replays/:id', () => rig.get(`/api/replays/${replay}`)],
    ['post /replays/:id/pause', () => rig.post(`/api/replays/${replay}/pause`, { note: 'x' })],
    ['post /replays/:id/resume', () => rig.post(`/api/replays/${replay}/resume`, { note: 'x' })],
    ['post /replays/:id/cancel', () => rig.post(`/api/replays/${replay}/cancel`, { note: 'x' })],
    ['post /connections/:id/pause', () => rig.post('/api/connections/acme/pause', { note: 'x' })],
    ['get /connections', () => rig.get('/api/connections')],
    ['post /connections/:id/resume', () => rig.post('/api/connections/acme/resume', { note: 'x' })],
    ['post /connections/:id/test', () => rig.post('/api/connections/acme/test', { note: 'x' })],
    ['get /audit', () => rig.get('/api/audit')],
    ['get /ledger', () => rig.get('/api/ledger')],
    ['get /settings', () => rig.get('/api/settings')],
    ['get /openapi.json', () => rig.get('/api/openapi.json')],
  ]);

  test('of every operation', () => {
    const withJson = operations.filter(({ response }) => response.content.mediaType === 'application/json');
    expect([...calls.keys()].toSorted()).toEqual(
      withJson.map(({ method, path }) => `${method} ${path}`).toSorted(),
    );
  });

  test.each([...calls])('of %s', async (name, call) => {
    const [method = '', path = ''] = name.split(' ');
    const { response } = operations.find((one) => one.method === method && one.path === path) ?? {};
    const { status, body, text } = (await call()) as { status: number; body: unknown; text: string };
    expect(status, text).toBe(response?.status);
    const read = validatorOf(path, method, status).safeParse(body);
    expect(read.error?.issues ?? []).toEqual([]);
  });

  test('of the lines of an export', async () => {
    const { text } = await rig.get('/api/dead-letters/export?bodies=exact');
    const line = validatorOf('/dead-letters/export', 'get', 200, 'application/x-ndjson');
    const read = text
      .trim()
      .split('\n')
      .map((one) => line.safeParse(JSON.parse(one)));
    expect(read.map(({ error }) => error?.issues ?? [])).toEqual([[], [], []]);
  });

  test('of a revealed delivery, and a problem', async () => {
    const { body } = await rig.get(`/api/deliveries/${dead}?reveal=true`);
    expect(validatorOf('/deliveries/:id', 'get', 200).safeParse(body).error).toBeUndefined();
    const problem = toValidator({ $ref: '#/components/schemas/Problem' });
    const { body: failed } = await rig.get('/api/dead-letters?limit=x');
    expect(problem.safeParse(failed).error).toBeUndefined();
    expect(problem.safeParse({ ...(failed as object), stack: 'x' }).success).toBe(false);
  });
});
