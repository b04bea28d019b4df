import type { z } from 'zod';
import { problemSchema } from '../problem.ts';
import { describeSession } from './describe-session.ts';
import { NDJSON } from './ndjson.ts';
import type { Operation } from './operation.ts';
import { describeProblems, toSchema } from './to-schema.ts';

/** Statuses that any operation may answer with. */
const ANYWHERE = [400, 401, 403, 429, 500, 503];

/** Makes the OpenAPI 3.1 document out of the operations themselves. */
export function describeApi(operations: readonly Operation[]): object {
  const paths: Record<string, Record<string, object>> = { '/session': describeSession() };
  for (const operation of operations) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method]: describeOperation(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice console',
      version: '1',
      description:
        'What operators do with dead letters, replays, deliveries and connections. Times are milliseconds since the epoch.',
    },
    servers: [{ url: '/api' }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'of SLUICE_CONSOLE_TOKENS' },
        session: { type: 'apiKey', in: 'cookie', name: 'sluice_session', description: 'as the page has it' },
      },
      schemas: { Problem: toSchema(problemSchema, 'output') },
      responses: {
        Problem: {
          description: 'It went wrong.',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function describeOperation(operation: Operation): object {
  const { method, path, summary, role, body, lines, problems, params, query } = operation;
  const statuses = [...ANYWHERE, ...(body || lines ? [413, 415] : []), ...problems];
  return {
    operationId: [method, ...path.split('/').filter(Boolean)].join('_').replaceAll(':', ''),
    summary,
    'x-role': role,
    parameters: [...describeParameters('path', params), ...describeParameters('query', query)],
    ...describeBody(operation),
    responses: {
      [operation.answer.status]: describeAnswer(operation),
      ...describeProblems(statuses),
    },
  };
}

function describeBody({ body, lines }: Operation): object {
  const schema = body ?? lines;
  if (!schema) return {};
  const mediaType = body ? 'application/json' : NDJSON;
  return { requestBody: { required: true, content: { [mediaType]: { schema: toSchema(schema, 'input') } } } };
}

function describeParameters(place: 'path' | 'query', { shape }: z.ZodObject): object[] {
  return Object.entries(shape).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path',
    schema: toSchema(schema as z.ZodType, 'output'),
  }));
}

function describeAnswer({ answer: { status, mediaType, schema, events } }: Operation): object {
  const described = events
    ? {
        schema: toSchema(schema, 'output'),
        'x-events': Object.fromEntries(
          Object.entries(events).map(([name, data]) => [name, toSchema(data, 'output')]),
        ),
      }
    : { schema: toSchema(schema, 'output') };
  return {
    description: events ? 'Server-sent events; x-events has the data of each.' : 'It went well.',
    ...(status === 201 ? { headers: { Location: { schema: { type: 'string' } } } } : {}),
    content: { [mediaType]: described },
  };
}
