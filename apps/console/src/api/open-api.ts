import { z } from 'zod';
import { problemSchema, titleOf } from '../http/problem.ts';
import type { OperationDescription } from './operation.ts';
import { NDJSON } from './streams.ts';

/** Statuses of the problems of every authenticated operation. */
const COMMON_PROBLEMS = [400, 401, 403, 429, 500, 503];

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: Readonly<Record<string, string>>;
  readonly servers: readonly object[];
  readonly security: readonly object[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, object>>;
    readonly responses: Readonly<Record<string, object>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
  };
}

export type JsonSchema = Readonly<Record<string, unknown>>;

interface MediaType {
  readonly schema: JsonSchema;
  /** Data of each server-sent event by its name. */
  readonly 'x-events'?: Readonly<Record<string, JsonSchema>>;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  /** Minimum role. */
  readonly 'x-role'?: string;
  readonly security?: readonly object[];
  readonly parameters: readonly OpenApiParameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
}

export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface OpenApiResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

/** Creates the OpenAPI 3.1 document from the operations, which are grouped by tag. */
export function describeApi(
  groups: Readonly<Record<string, readonly OperationDescription[]>>,
): OpenApiDocument {
  const schemas = new NamedSchemas();
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const [tag, operations] of Object.entries(groups)) {
    for (const operation of operations) {
      const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
      const described = describeOperation(operation, tag, schemas);
      paths[path] = { ...paths[path], [operation.method]: described };
    }
  }
  const problem = schemas.describe(problemSchema, 'output');
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice console',
      version: '1',
      description:
        'Dead letters, replays, deliveries and connections. Times are milliseconds since the epoch.',
    },
    servers: [{ url: '/api' }],
    security: [{ token: [] }, { session: [] }],
    tags: Object.keys(groups).map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Token of `SLUICE_CONSOLE_TOKENS`.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'sluice_session',
          description: 'Session of a browser.',
        },
      },
      responses: {
        Problem: { description: 'Problem', content: { 'application/problem+json': { schema: problem } } },
      },
      schemas: schemas.all(),
    },
  };
}

function describeOperation(
  operation: OperationDescription,
  tag: string,
  schemas: NamedSchemas,
): OpenApiOperation {
  const { id, summary, description, role, params, query, body, lines, response, problems } = operation;
  const implied = role ? [...COMMON_PROBLEMS, ...(body || lines ? [413, 415] : [])] : [];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description ? { description } : {}),
    ...(role ? { 'x-role': role } : { security: [] }),
    parameters: [
      ...describeParameters('path', params, schemas),
      ...describeParameters('query', query, schemas),
    ],
    ...describeBody(operation, schemas),
    responses: {
      [response.status]: describeResponse(response, schemas),
      ...describeProblems([...implied, ...problems]),
    },
  };
}

function describeParameters(
  place: 'path' | 'query',
  { shape }: z.ZodObject,
  schemas: NamedSchemas,
): OpenApiParameter[] {
  return Object.entries(shape).map(([name, parameter]) => {
    const { description, ...schema } = schemas.describe(parameter as z.ZodType, 'output');
    return {
      ...{ name, in: place, required: place === 'path' },
      ...(typeof description === 'string' ? { description } : {}),
      schema,
    };
  });
}

/** Bodies are described as sent, with optional fields where the schema has defaults. */
function describeBody({ body, lines }: OperationDescription, schemas: NamedSchemas) {
  const schema = body ?? lines;
  if (!schema) return {};
  const mediaType = body ? 'application/json' : NDJSON;
  return {
    requestBody: { required: true, content: { [mediaType]: { schema: schemas.describe(schema, 'input') } } },
  };
}

function describeResponse(
  { headers, content, events }: OperationDescription['response'],
  schemas: NamedSchemas,
): OpenApiResponse {
  const described = Object.entries(headers ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  return {
    description: events ? 'Server-sent events. `x-events` has the data of each.' : 'Success',
    ...(headers ? { headers: Object.fromEntries(described) as Record<string, object> } : {}),
    ...(content
      ? {
          content: {
            [content.mediaType]: {
              schema: schemas.describe(content.schema, 'output'),
              ...(events ? { 'x-events': describeEvents(events, schemas) } : {}),
            },
          },
        }
      : {}),
  };
}

function describeEvents(
  events: Readonly<Record<string, z.ZodType>>,
  schemas: NamedSchemas,
): Record<string, JsonSchema> {
  const described = Object.entries(events).map(([name, data]) => [name, schemas.describe(data, 'output')]);
  return Object.fromEntries(described) as Record<string, JsonSchema>;
}

function describeProblems(statuses: readonly number[]): Record<string, OpenApiResponse> {
  const described = statuses
    .toSorted((one, other) => one - other)
    .map((status) => [status, { $ref: '#/components/responses/Problem', description: titleOf(status) }]);
  return Object.fromEntries(described) as Record<string, OpenApiResponse>;
}

/** Collects the schemas that have an id, so that others refer to them. */
class NamedSchemas {
  readonly #schemas = new Map<string, JsonSchema>();

  /**
   * Converts a schema to JSON Schema.
   *
   * @throws Error if a named schema differs from an earlier one of the same name
   */
  describe(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const { $schema: _, $defs = {}, ...described } = toReferences(z.toJSONSchema(schema, { io }));
    for (const [name, definition] of Object.entries($defs as Record<string, JsonSchema>)) {
      const known = this.#schemas.get(name);
      if (known && JSON.stringify(known) !== JSON.stringify(definition)) {
        throw new Error(`The schema ${name} differs between its uses. Name its variants.`);
      }
      this.#schemas.set(name, definition);
    }
    return described;
  }

  /** Returns all named schemas, sorted by name. */
  all(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#schemas].toSorted(([one], [other]) => one.localeCompare(other)));
  }
}

function toReferences(schema: object): Record<string, unknown> {
  const text = JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/');
  return JSON.parse(text) as Record<string, unknown>;
}
