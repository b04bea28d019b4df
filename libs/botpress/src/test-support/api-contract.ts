import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';

/** A request to the Botpress API and its response. */
export interface ApiExchange {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly requestHeaders: IncomingHttpHeaders;
  readonly requestBody: string;
  readonly status: number;
  readonly responseHeaders: Headers;
  readonly responseBody: string;
}

type JsonSchema = Readonly<Record<string, unknown>>;

interface Parameter {
  readonly in: 'header' | 'query' | 'path';
  readonly required?: boolean;
  readonly type: 'string' | 'number' | 'boolean' | 'integer';
  readonly enum?: readonly string[];
}

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly requestBody?: { readonly schema: JsonSchema };
  readonly response: { readonly status?: number; readonly schema: JsonSchema };
}

/** The part of Botpress' OpenAPI state that the checks read. */
interface ApiState {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly schemas: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  readonly errors: readonly { readonly status: number; readonly type: string }[];
}

const require = createRequire(import.meta.url);
// Its types take seconds to check and import packages that the bundle contains.
const api = require('@botpress/api') as Record<'runtime' | 'admin', { readonly state: ApiState }>;

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** The operations that Sluice or the sandbox use. */
const OPERATIONS = [
  ...['createEvent', 'listEvents', 'getEvent'],
  ...['getOrCreateConversation', 'getOrCreateUser', 'getOrCreateMessage'],
  ...['listConversations', 'listUsers', 'listMessages'],
].map((name) => readOperation(api.runtime.state, name));
const ADMIN_OPERATIONS = ['getIntegration', 'getBot'].map((name) => readOperation(api.admin.state, name));

/** Query parameters that `@botpress/client` sends and no published description contains. */
const UNDOCUMENTED: Readonly<Record<string, readonly string[]>> = { listEvents: ['pageSize'] };

interface CompiledOperation {
  readonly operation: Operation;
  readonly path: RegExp;
  readonly requestBody: ValidateFunction | undefined;
  readonly responseBody: ValidateFunction;
}

function readOperation(state: ApiState, name: string): CompiledOperation {
  const operation = state.operations[name];
  if (!operation) throw new Error(`@botpress/api has no operation ${name}`);
  // Strict mode rejects `nullable` beside `enum` and other keywords of OpenAPI.
  const ajv = new Ajv({ allErrors: true, strict: false });
  ajv.addFormat('date-time', DATE_TIME);
  const definitions = Object.entries(state.schemas).map(([schema, value]) => [schema, value.schema] as const);
  const components = { schemas: Object.fromEntries(definitions) };
  const compile = (schema: JsonSchema) => ajv.compile({ ...schema, components });
  return {
    operation,
    path: new RegExp(`^${operation.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    requestBody: operation.requestBody && compile(operation.requestBody.schema),
    responseBody: compile(operation.response.schema),
  };
}

/** Returns the differences between an exchange and Botpress' published API; an empty list if there are none. */
export function findViolations(exchange: ApiExchange): string[] {
  return [...findRequestViolations(exchange), ...findResponseViolations(exchange)];
}

/** Returns the differences between a request and Botpress' published API. */
export function findRequestViolations(exchange: ApiExchange): string[] {
  const compiled = findOperation(exchange);
  if (!compiled) return [`${exchange.method} ${exchange.url} is not an operation`];
  const { operation, requestBody } = compiled;
  const problems = [
    ...checkParameters(operation, exchange),
    ...(requestBody ? checkBody(requestBody, exchange.requestBody) : []),
  ];
  if (!/^Bearer \S+$/.test(exchange.requestHeaders.authorization ?? '')) problems.push('has no bearer token');
  if (requestBody && !isJson(exchange.requestHeaders['content-type']))
    problems.push('is not declared as JSON');
  return problems.map((problem) => `request of ${operation.name}: ${problem}`);
}

/** Returns the differences between a response and Botpress' published API. */
export function findResponseViolations(exchange: ApiExchange): string[] {
  const { status, responseBody, responseHeaders } = exchange;
  const compiled = findOperation(exchange);
  const isSuccess = status < 300;
  if (isSuccess && !compiled)
    return [`${exchange.method} ${exchange.url} has a response and is not an operation`];
  const problems =
    isSuccess && compiled ? checkBody(compiled.responseBody, responseBody) : checkError(status, responseBody);
  const expected = compiled?.operation.response.status ?? 200;
  if (isSuccess && status !== expected) problems.push(`has the status ${status} instead of ${expected}`);
  if (!isJson(responseHeaders.get('content-type'))) problems.push('is not declared as JSON');
  return problems.map((problem) => `response of ${compiled?.operation.name ?? exchange.url}: ${problem}`);
}

function findOperation({ method, url }: ApiExchange): CompiledOperation | undefined {
  const { pathname } = new URL(url, 'http://localhost');
  return [...OPERATIONS, ...ADMIN_OPERATIONS].find(
    ({ operation, path }) => operation.method === method.toLowerCase() && path.test(pathname),
  );
}

function checkParameters(operation: Operation, { url, requestHeaders }: ApiExchange): string[] {
  const problems: string[] = [];
  const query = new URL(url, 'http://localhost').searchParams;
  for (const [name, parameter] of Object.entries(operation.parameters)) {
    const value = parameter.in === 'header' ? requestHeaders[name] : query.get(name);
    const isAbsent = value === undefined || value === null || value === '';
    if (isAbsent && parameter.required) problems.push(`has no ${parameter.in} ${name}`);
    if (!isAbsent && parameter.enum && !parameter.enum.includes(String(value))) {
      problems.push(`has an invalid ${parameter.in} ${name}`);
    }
  }
  for (const name of query.keys()) {
    // The client writes a parameter that is an object as one parameter per field: `tags.id=1`.
    const [parent = name] = operation.parameters[name] ? [name] : name.split('.');
    const isKnown =
      operation.parameters[parent]?.in === 'query' || UNDOCUMENTED[operation.name]?.includes(name);
    if (!isKnown) problems.push(`has the unknown query ${name}`);
  }
  return problems;
}

function checkBody(validate: ValidateFunction, text: string): string[] {
  const json = parse(text);
  if (json === undefined) return ['has a body that is not JSON'];
  return validate(json) ? [] : (validate.errors ?? []).map(describe);
}

function describe({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath || 'body'} ${message}${params.additionalProperty ? ` (${params.additionalProperty})` : ''}`;
}

const ERROR_FIELDS = { id: 'string', code: 'number', type: 'string', message: 'string', metadata: 'object' };

/** A 429 may also have the documented form, which differs from that of other errors. */
const RATE_LIMITED = new Ajv().compile({
  type: 'object',
  required: ['type', 'description', 'status'],
  properties: { type: { const: 'RateLimited' }, description: { type: 'string' }, status: { const: 429 } },
  additionalProperties: false,
});

/** The OpenAPI state lists types and statuses of errors. The fields are those that `@botpress/client` reads. */
function checkError(status: number, text: string): string[] {
  const json = parse(text) as Readonly<Record<string, unknown>> | undefined;
  if (typeof json !== 'object' || json === null) return ['has a body that is not a JSON object'];
  if (status === 429 && RATE_LIMITED(json)) return [];
  const problems = Object.entries(ERROR_FIELDS)
    .filter(([field, type]) => typeof json[field] !== type)
    .map(([field, type]) => `${field} must be ${type}`);
  const documented = api.runtime.state.errors.filter((error) => error.type === json.type);
  if (documented.length === 0) problems.push(`has the unknown error type ${json.type}`);
  else if (!documented.some((error) => error.status === status)) {
    problems.push(`has the status ${status} with the error type ${json.type}`);
  }
  if (json.code !== status) problems.push(`has the code ${json.code} and the status ${status}`);
  return problems;
}

function isJson(contentType: string | null | undefined): boolean {
  return /^application\/json\b/.test(contentType ?? '');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The error types that the API documents. */
export const DOCUMENTED_ERRORS: readonly string[] = api.runtime.state.errors.map(({ type }) => type);

/** A server between Sluice and the sandbox that passes on every call and records it. */
export interface Recorder {
  readonly url: string;
  readonly exchanges: ApiExchange[];
  close(): void;
}

/** Starts a recorder in front of a server. */
export async function startRecorder(upstream: string): Promise<Recorder> {
  const exchanges: ApiExchange[] = [];
  async function passOn(request: IncomingMessage): Promise<ApiExchange> {
    const { method = '', url = '', headers } = request;
    const body = await buffer(request);
    const { host: _host, connection: _connection, 'content-length': _length, ...passed } = headers;
    const response = await fetch(`${upstream}${url}`, {
      method,
      headers: passed as Record<string, string>,
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    });
    return {
      ...{ method, url, requestHeaders: headers, requestBody: body.toString('utf8') },
      ...{ status: response.status, responseHeaders: response.headers, responseBody: await response.text() },
    };
  }
  const server = createServer((request, response) => {
    void passOn(request).then((exchange) => {
      exchanges.push(exchange);
      const headers = [...exchange.responseHeaders].filter(([name]) => name !== 'transfer-encoding');
      response.writeHead(exchange.status, Object.fromEntries(headers)).end(exchange.responseBody);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
