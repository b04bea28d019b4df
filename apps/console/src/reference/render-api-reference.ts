import type {
  JsonSchema,
  OpenApiDocument,
  OpenApiOperation,
  OpenApiParameter,
  OpenApiResponse,
} from '../api/open-api.ts';

const INTRODUCTION = `# API

<!-- Generated from apps/console/src/operations. Run: npm run docs -w apps/console -->

The console serves this API below \`/api\`, on \`SLUICE_CONSOLE_PORT\` (3001). The OpenAPI document is
[openapi.json](openapi.json); a running console serves it at \`GET /api/openapi.json\`. Times are milliseconds since the
epoch.

**Authentication.** Send \`Authorization: Bearer <token>\` with a token of \`SLUICE_CONSOLE_TOKENS\`, or the cookie of a
session. Viewers read, with personal data masked. Operators also change and reveal. Each change and each reveal is
recorded in the audit log with its note.

**Problems.** Errors are \`application/problem+json\` (RFC 9457) with a [Problem](#problem). Every operation can return
the statuses 400, 401, 403, 429, 500 and 503; its table lists further ones. A 503 has the header \`Retry-After\`.

**Filters.** Dead letters are selected by the same fields in queries and bodies. In a query, repeat \`id\` and
\`having=name=value\` for several values. A body has \`"filter"\` with a [DeadLetterFilter](#deadletterfilter), or
\`"all": true\`.`;

/** Statuses that the introduction lists. */
const COMMON_STATUSES = new Set(['400', '401', '403', '429', '500', '503']);

/** Renders docs/reference/api.md from the OpenAPI document. */
export function renderApiReference(document: OpenApiDocument): string {
  const sections = document.tags.map(({ name }) => renderTag(name, document));
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) =>
    renderSchema(name, schema),
  );
  return `${[INTRODUCTION, ...sections, '## Schemas', ...schemas].join('\n\n')}\n`;
}

function renderTag(tag: string, { paths }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => tags.includes(tag))
      .map(([method, operation]) => renderOperation(method, path, operation)),
  );
  return [`## ${tag}`, ...operations].join('\n\n');
}

function renderOperation(method: string, path: string, operation: OpenApiOperation): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const role = operation['x-role'];
  return [
    `### ${operationId}`,
    `\`${method.toUpperCase()} /api${path}\` · ${role ? `role: ${role}` : 'no authentication'}`,
    `${summary}.${description ? ` ${description}` : ''}`,
    ...(parameters.length > 0 ? [renderParameters(parameters)] : []),
    ...(requestBody ? [renderBody(requestBody.content)] : []),
    renderResponses(responses, role !== undefined),
  ].join('\n\n');
}

function renderParameters(parameters: readonly OpenApiParameter[]): string {
  const rows = parameters.map(({ name, in: place, description, schema }) => [
    `\`${name}\``,
    place,
    typeOf(schema),
    notesOf(schema, description),
  ]);
  return table(['Parameter', 'In', 'Type', 'Description'], rows);
}

function renderBody(content: NonNullable<OpenApiOperation['requestBody']>['content']): string {
  return Object.entries(content)
    .map(([mediaType, { schema }]) => {
      const intro = `Request body (\`${mediaType}\`${mediaType.includes('ndjson') ? ', one value per line' : ''})`;
      return renderContent(intro, schema);
    })
    .join('\n\n');
}

/** Renders the name of a schema, or the table of an unnamed one. */
function renderContent(intro: string, schema: JsonSchema): string {
  const options = optionsOf(schema);
  if (options) {
    const parts = options.map((option, index) => renderContent(`Option ${index + 1}`, option));
    return [`${intro}, one of:`, ...parts].join('\n\n');
  }
  const rows = fieldsOf(schema);
  if (rows.length === 0) return `${intro}: ${typeOf(schema)}`;
  return [`${intro}:`, table(['Field', 'Type', 'Description'], rows)].join('\n\n');
}

function renderResponses(responses: Readonly<Record<string, OpenApiResponse>>, hasCommon: boolean): string {
  const rows = Object.entries(responses)
    .filter(([status]) => !hasCommon || !COMMON_STATUSES.has(status))
    .map(([status, response]) => [`\`${status}\``, describeResponse(response)]);
  return table(['Status', 'Response'], rows);
}

function describeResponse({ description, headers, content }: OpenApiResponse): string {
  const bodies = Object.entries(content ?? {}).map(([mediaType, { schema, 'x-events': events }]) => {
    if (events) {
      const names = Object.entries(events).map(([name, data]) => `\`${name}\` (${typeOf(data)})`);
      return `server-sent events: ${names.join(', ')}`;
    }
    return mediaType === 'application/json' ? typeOf(schema) : `${typeOf(schema)}, as \`${mediaType}\``;
  });
  const names = Object.keys(headers ?? {}).map((name) => `header \`${name}\``);
  return [...(bodies.length > 0 ? bodies : [description]), ...names].join('; ');
}

function renderSchema(name: string, schema: JsonSchema): string {
  const { description, type, items } = schema;
  const content = (type === 'array' ? items : schema) as JsonSchema;
  const rows = fieldsOf(content);
  const options = optionsOf(content);
  return [
    `### ${name}`,
    ...(typeof description === 'string' ? [description] : []),
    ...(type === 'array' ? ['Each element:'] : []),
    ...(options ? options.map((option, index) => renderContent(`Option ${index + 1}`, option)) : []),
    ...(rows.length > 0 ? [table(['Field', 'Type', 'Description'], rows)] : []),
    ...(rows.length === 0 && !options ? [typeOf(content)] : []),
  ].join('\n\n');
}

/** Returns the rows of an object's fields, with those of unnamed nested objects. */
function fieldsOf(schema: JsonSchema, prefix = ''): string[][] {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const required = new Set((schema.required ?? []) as readonly string[]);
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const label = `\`${path}\`${required.has(name) ? '' : ' (optional)'}`;
    const isList = field.type === 'array';
    const nested = isList ? ((field.items ?? {}) as JsonSchema) : field;
    const description = typeof field.description === 'string' ? field.description : undefined;
    return [
      [label, typeOf(field), notesOf(field, description)],
      ...fieldsOf(nested, `${path}${isList ? '[]' : ''}.`),
    ];
  });
}

/** Returns the options of a union, including those of nested unions, or undefined. */
function optionsOf({ anyOf, oneOf }: JsonSchema): readonly JsonSchema[] | undefined {
  const options = (anyOf ?? oneOf) as readonly JsonSchema[] | undefined;
  return options?.flatMap((option) => optionsOf(option) ?? [option]);
}

/** Returns the type of a schema in Markdown, with a link to named ones. */
function typeOf(schema: JsonSchema): string {
  if (typeof schema.$ref === 'string') return linkTo(schema.$ref);
  const options = optionsOf(schema);
  if (options) return options.map(typeOf).join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (Array.isArray(schema.type)) return schema.type.join(' or ');
  switch (schema.type) {
    case 'array':
      return `list of ${typeOf((schema.items ?? {}) as JsonSchema)}`;
    case 'object':
      return isMap(schema) ? `map of ${typeOf(schema.additionalProperties as JsonSchema)}` : 'object';
    case undefined:
      return 'any JSON';
    default:
      return String(schema.type);
  }
}

const isMap = ({ additionalProperties }: JsonSchema): boolean =>
  typeof additionalProperties === 'object' && additionalProperties !== null;

function linkTo(reference: string): string {
  const name = reference.split('/').at(-1) ?? '';
  return `[${name}](#${name.toLowerCase()})`;
}

/** Returns the description with the limits and the default of a schema. */
function notesOf(schema: JsonSchema, description: string | undefined): string {
  const { minimum, maximum, default: value } = schema;
  const hasRange = typeof minimum === 'number' && typeof maximum === 'number' && maximum < 2 ** 53 - 1;
  return [
    ...(description ? [description] : []),
    ...(hasRange ? [`${minimum} to ${maximum}`] : []),
    ...(value === undefined || value === '' ? [] : [`default \`${JSON.stringify(value)}\``]),
  ].join('; ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
